"""Compiled and pure Python are one table: every result, count and snapshot byte for byte."""

from __future__ import annotations

import io
from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.base.buckets import Limit
from tests.base.buckets_both import Compiled, Pure

LIMITS = [Limit(10**9, 3, 2), Limit(7, 100_000, 5), Limit(86_400 * 10**9, 1)]
SEED = bytes(range(16))

keys = st.one_of(st.integers(0, 99).map(str), st.text(max_size=5))
takes = st.tuples(st.integers(0, 2), keys, st.integers(-5, 10**9), st.integers(0, 2**70))
hashes = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2), st.integers(-9, 2**63 - 1)), max_size=300)


@given(st.integers(1, 60), st.lists(takes, min_size=20, max_size=150))
@settings(max_examples=150, deadline=None)
def test_takes_counts_and_snapshots(capacity: int, steps: list[tuple[int, str, int, int]]) -> None:
    compiled, pure = Compiled(capacity, LIMITS, seed=SEED), Pure(capacity, LIMITS, seed=SEED)
    for kind, key, gap, cost in steps:
        assert compiled.take(kind, key, gap, cost) == pure.take(kind, key, gap, cost)
        assert compiled.take_all([key, None, key], gap)[::2] == pure.take_all([key, None, key], gap)[::2]
        for table in (compiled, pure):
            table.lift(kind, key, gap, cost // 7)
    one, other = compiled.stats(), pure.stats()
    assert (one.used, one.evicted, one.moves, one.slots) == (other.used, other.evicted, other.moves, other.slots)
    assert b"".join(compiled.snapshot(0)) == b"".join(pure.snapshot(0))


def test_full_table_moves_and_evicts_alike() -> None:
    compiled, pure = Compiled(3_000, LIMITS, seed=SEED), Pure(3_000, LIMITS, seed=SEED)
    for n in range(6_000):
        assert compiled.take(2, str(n), n) == pure.take(2, str(n), n)
    assert compiled.stats().moves == pure.stats().moves > 100
    assert compiled.stats().evicted == pure.stats().evicted > 1_000
    assert b"".join(compiled.snapshot(6_000)) == b"".join(pure.snapshot(6_000))


def test_a_batch_over_a_full_table_moves_and_evicts_alike() -> None:
    """Half of the keys come twice, and buckets move on between the look ahead and the take."""
    compiled, pure = Compiled(3_000, LIMITS, seed=SEED), Pure(3_000, LIMITS, seed=SEED)
    hashed = [compiled.hash_key(2, str(n % 4_000)) for n in range(6_000)]
    columns = array("Q", hashed), bytes([2]) * 6_000, array("q", range(6_000))
    left = [array("d", bytes(8 * 6_000)) for _ in range(2)]
    compiled.take_batch(*columns, left[0])
    pure.take_batch(*columns, left[1])
    assert left[0] == left[1]
    assert compiled.stats().moves == pure.stats().moves > 100
    assert b"".join(compiled.snapshot(6_000)) == b"".join(pure.snapshot(6_000))


@given(hashes)
@settings(max_examples=100, deadline=None)
def test_batches(rows: list[tuple[int, int, int]]) -> None:
    columns = array("Q", [r[0] for r in rows]), bytes(r[1] for r in rows), array("q", [r[2] for r in rows])
    left = [array("d", bytes(8 * len(rows))) for _ in range(2)]
    compiled, pure = Compiled(20, LIMITS, seed=SEED), Pure(20, LIMITS, seed=SEED)
    compiled.take_batch(*columns, left[0])
    pure.take_batch(*columns, left[1])
    assert left[0] == left[1]
    assert compiled.stats().used == pure.stats().used


def test_one_restores_what_the_other_wrote() -> None:
    compiled, pure = Compiled(100, LIMITS), Pure(100, LIMITS)
    for n in range(100):
        compiled.take(2, str(n), 0)
    pure.restore(io.BytesIO(b"".join(compiled.snapshot(0))), 50)
    assert all(pure.take(2, str(n), 50) == -1 for n in range(100))
    compiled.restore(io.BytesIO(b"".join(pure.snapshot(50))), 0)
    assert all(compiled.take(2, str(n), 0) == -1 for n in range(100))
