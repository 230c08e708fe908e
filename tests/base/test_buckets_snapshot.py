"""Snapshots: what comes back, what is refused, and that nobody is lost who moves while one is taken."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.base.bucket_snapshot import save_snapshot
from agi_screen.base.buckets import Buckets, Limit, SnapshotError
from tests.base.buckets_both import BOTH, Compiled

HOUR = 3_600 * 10**9
LIMITS = [Limit(HOUR, 3, 3)]

both = pytest.mark.parametrize("table", BOTH, ids=["compiled", "pure"])


def robots(table: type[Buckets], now: int = 0) -> Buckets:
    buckets = table(100, LIMITS)
    for n in range(100):
        for _ in range(5):
            buckets.take(0, str(n), now)
    return buckets


def left(buckets: Buckets, now: int) -> set[float]:
    return {buckets.peek(0, str(n), now) for n in range(100)}


@both
def test_comes_back_under_another_clock(table: type[Buckets]) -> None:
    data = b"".join(robots(table, now=10**15).snapshot(10**15))
    new = table(100, LIMITS)
    new.restore(io.BytesIO(data), 77)
    assert left(new, 77) == {-2}
    assert left(new, 77 + HOUR) == {-1}


@both
@pytest.mark.parametrize(("later", "tokens"), [(2 * HOUR, 0), (5 * HOUR, 3), (-9 * HOUR, -2)])
def test_ages_by_the_wall_clock_but_never_backwards(table: type[Buckets], later: int, tokens: float) -> None:
    data = b"".join(robots(table).snapshot(0, wall_ns=100 * HOUR))
    new = table(100, LIMITS)
    new.restore(io.BytesIO(data), 0, wall_ns=100 * HOUR + later)
    assert left(new, 0) == {tokens}


@both
def test_replaces_what_was_there(table: type[Buckets]) -> None:
    data = b"".join(table(100, LIMITS).snapshot(0))
    buckets = robots(table)
    buckets.restore(io.BytesIO(data), 0)
    assert left(buckets, 0) == {3}


@both
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_damage_is_refused_and_changes_nothing(table: type[Buckets], data: st.DataObject) -> None:
    whole = b"".join(robots(table).snapshot(0))
    at = data.draw(st.integers(0, len(whole) - 1))
    flip = data.draw(st.integers(1, 255))
    damaged = data.draw(
        st.sampled_from(
            [whole[:at], whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :], whole + b"x", whole[at + 1 :]]
        )
    )
    buckets = robots(table)
    with pytest.raises(SnapshotError, match="snapshot"):
        buckets.restore(io.BytesIO(damaged), 0)
    assert left(buckets, 0) == {-2}


@both
def test_foreign_snapshots_say_what_differs(table: type[Buckets]) -> None:
    data = b"".join(robots(table).snapshot(0, label="caller_rate"))
    with pytest.raises(SnapshotError, match="'caller_rate', expected 'block_rate'"):
        robots(table).restore(io.BytesIO(data), 0, label="block_rate")
    with pytest.raises(SnapshotError, match="of a table of 33 lines, this one has 108: its capacity differs"):
        table(400, LIMITS).restore(io.BytesIO(data), 0, label="caller_rate")
    with pytest.raises(SnapshotError, match="no snapshot of buckets"):
        robots(table).restore(io.BytesIO(b"SQLite format 3\0" * 10), 0)
    with pytest.raises(SnapshotError, match="no snapshot of buckets"):
        robots(table).restore(io.BytesIO(b""), 0)


@both
def test_pieces_of_another_snapshot_do_not_fit_in(table: type[Buckets]) -> None:
    one, other = [list(robots(table).snapshot(0)) for _ in range(2)]
    with pytest.raises(SnapshotError, match="digest"):
        robots(table).restore(io.BytesIO(b"".join([one[0], *other[1:]])), 0)
    with pytest.raises(SnapshotError, match="digest"):
        robots(table).restore(io.BytesIO(b"".join([one[0], one[1], *one[1:]])), 0)


@both
def test_one_at_a_time_and_the_next_after_a_broken_one(table: type[Buckets]) -> None:
    buckets = robots(table)
    first = buckets.snapshot(0)
    next(first)
    with pytest.raises(SnapshotError, match="another snapshot"):
        next(buckets.snapshot(0))
    del first
    assert len(list(buckets.snapshot(0))) == 3


def test_buckets_that_move_while_it_is_taken_are_all_in_it() -> None:
    """The table fills from 40 to 88 % between the pieces, so buckets move; all that were there at the start are in."""
    buckets = Compiled(100_000, [Limit(HOUR, 3)])
    slots = buckets.stats().slots
    early, all_keys = slots * 4 // 10, iter(range(slots * 88 // 100))
    for n in range(early):
        buckets.take(0, str(next(all_keys)), n)
    data = bytearray()
    pieces = buckets.snapshot(early)
    each = slots // 2 // 12
    for piece in pieces:
        data += piece
        for n, _ in zip(all_keys, range(each), strict=False):
            buckets.take(0, str(n), early)
    assert buckets.stats().moves > 1_000
    new = Compiled(100_000, [Limit(HOUR, 3)])
    new.restore(io.BytesIO(bytes(data)), early)
    assert sum(new.peek(0, str(n), early) >= 3 for n in range(early)) == 0
    assert buckets.stats().evicted == new.stats().evicted == 0


def test_a_million_buckets_hold_calls_up_under_five_milliseconds() -> None:
    """CPU time of each piece, as another program may take the core from us at any moment."""
    buckets = Compiled(1_000_000, [Limit(HOUR, 3)])
    for n in range(1_000_000):
        buckets.take(0, str(n), 0)
    times, size, before = [], 0, time.thread_time_ns()
    for piece in buckets.snapshot(0):
        now = time.thread_time_ns()
        times.append(now - before)
        size += len(piece)
        before = time.thread_time_ns()
    assert size > 16_000_000
    assert max(times) < 5_000_000


def test_saved_for_the_owner_only_and_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "buckets"
    buckets = robots(Compiled)
    save_snapshot(buckets.snapshot(0), path)
    assert path.stat().st_mode & 0o777 == 0o600
    new = Compiled(100, LIMITS)
    with path.open("rb") as file:
        new.restore(file, 0)
    assert left(new, 0) == {-2}
    with pytest.raises(SnapshotError, match="cut"):
        save_snapshot(_cut(buckets.snapshot(0)), path)
    with path.open("rb") as file:
        new.restore(file, 0)


def _cut(pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield next(pieces)
    raise SnapshotError("cut short")
