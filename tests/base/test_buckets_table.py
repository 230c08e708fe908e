"""The table under load: nobody is dropped before it is full, then the one nearest to full; memory; odd keys."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.base.buckets import Buckets, Limit
from tests.base.buckets_both import BOTH, Compiled, Pure

HOUR = 3_600 * 10**9
SEED = bytes(range(16))
SIZES = [(Compiled, 200_000), (Compiled, 1_000), (Compiled, 3), (Pure, 2_000), (Pure, 3)]

both = pytest.mark.parametrize("table", BOTH, ids=["compiled", "pure"])
sizes = pytest.mark.parametrize(("table", "capacity"), SIZES)


def number(n: int) -> str:
    return f"+1651{n:09d}"


@sizes
def test_no_live_key_is_dropped_up_to_ninety_percent_of_the_slots(table: type[Buckets], capacity: int) -> None:
    buckets = table(capacity, [Limit(HOUR, 3)], seed=SEED)
    live = max(capacity, buckets.stats().slots * 9 // 10) if capacity > 100 else capacity
    for n in range(live):
        buckets.take(0, number(n), n)
    assert buckets.stats().evicted == 0
    assert all(buckets.peek(0, number(n), live) < 2.1 for n in range(live))
    assert buckets.stats().used == pytest.approx(live, rel=0.02)


@both
def test_full_buckets_make_room(table: type[Buckets]) -> None:
    buckets = table(100, [Limit(10, 3)], seed=SEED)
    for n in range(20_000):
        buckets.take(0, number(n), n)
    assert buckets.stats().evicted == 0, "at any time only ten keys lack a token"
    assert 9 <= buckets.stats().used <= 11


@pytest.mark.parametrize(("table", "capacity"), [(Compiled, 20_000), (Pure, 400)])
def test_a_flood_of_new_numbers_leaves_heavy_callers_their_state(table: type[Buckets], capacity: int) -> None:
    """Ten times the capacity of never-seen numbers; the heavy callers, a tenth of the capacity, do not call in it."""
    buckets = table(capacity, [Limit(HOUR, 5, overdraft=5)], seed=SEED)
    heavy = [number(10**8 + n) for n in range(capacity // 10)]
    for key in heavy:
        for _ in range(7):
            buckets.take(0, key, 0)
    size = buckets.stats().bytes
    for n in range(10 * capacity):
        buckets.take(0, number(n), n)
    assert {round(buckets.peek(0, key, 10 * capacity), 3) for key in heavy} == {-2.0}
    assert buckets.stats().evicted > 8 * capacity
    assert buckets.stats().bytes == size


@both
@given(st.lists(st.integers(1, 9), min_size=60, max_size=200), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_who_is_dropped_was_nearer_to_full_than_who_shares_its_lines(
    table: type[Buckets], costs: list[int], chance: random.Random
) -> None:
    """Costs over a table of 45 slots: however it goes, the deepest in debt never goes before one of cost 1."""
    buckets = table(1, [Limit(HOUR, 9)], seed=chance.randbytes(16))
    for n, cost in enumerate(costs):
        buckets.take(0, number(n), 0, cost)
    kept = [buckets.peek(0, number(n), 0) != 9 for n in range(len(costs))]
    assert sum(kept) == buckets.stats().used == len(costs) - buckets.stats().evicted
    deepest = sorted(costs)[-4:]
    assert all(keep for keep, cost in zip(kept, costs, strict=True) if cost > deepest[0] and costs.count(cost) < 2)


@pytest.mark.parametrize("capacity", [256, 1_000, 100_000, 1_000_000])
def test_at_most_eighteen_bytes_a_key(capacity: int) -> None:
    buckets = Compiled(capacity, [Limit(HOUR, 3)])
    assert buckets.stats().bytes <= 18 * capacity + 5_000, "the limits themselves take up to 5 kB, once"
    assert buckets.stats().compiled


ODD_KEYS = [
    "",
    "a",
    "\0",
    "\0\0",
    "é",
    "e",
    "\xe9\x00",
    "日本",
    "日",
    "\U0001f4de",
    "\ud800",
    "\udcff",
    "x" * 10_000,
    "x" * 9_999,
]


@both
def test_odd_keys_are_keys_like_any_other(table: type[Buckets]) -> None:
    buckets = table(1_000, [Limit(HOUR, 3)])
    for key in ODD_KEYS:
        assert buckets.take(0, key, 0) == 2
    for key in ODD_KEYS:
        assert buckets.take(0, key, 0) == 1


@both
@given(st.sets(st.text(max_size=30), max_size=50))
@settings(max_examples=60, deadline=None)
def test_different_keys_have_different_buckets(table: type[Buckets], keys: set[str]) -> None:
    buckets = table(1_000, [Limit(HOUR, 3)], seed=SEED)
    assert all(buckets.take(0, key, 0) == 2 for key in keys)


@both
def test_hash_is_siphash_1_3(table: type[Buckets]) -> None:
    """CPython hashes bytes with it too, under the key PYTHONHASHSEED=0 stands for: 16 zero bytes."""
    texts = ["", "a", "+1651555", "+16515551", "+16515550100", "x" * 600]
    words = [struct.pack("=Q", 2 | 1 << 32) + text.encode() for text in texts]
    code = f"import sys; print(sys.hash_info.algorithm, *(hash(word) % 2**64 for word in {words!r}))"
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    algorithm, *expected = done.stdout.split()
    assert algorithm == "siphash13"
    buckets = table(1, [Limit(1, 1)] * 3, seed=bytes(16))
    assert [buckets.hash_key(2, text) for text in texts] == [int(word) for word in expected]


@both
def test_hash_depends_on_kind_width_and_seed(table: type[Buckets]) -> None:
    buckets = table(1, [Limit(1, 1)] * 3, seed=SEED)
    assert len({buckets.hash_key(kind, key) for kind in range(3) for key in ODD_KEYS}) == 3 * len(ODD_KEYS)
    assert buckets.hash_key(0, "a") != table(1, [Limit(1, 1)]).hash_key(0, "a")
