"""The buckets' file: kept over a restart, private, replaced whole, and refused when damaged."""

import stat
from pathlib import Path

import pytest

from agi_screen.base.bucket_file import restore, save
from agi_screen.base.buckets import Buckets, Limit, SnapshotError
from agi_screen.base.clock import ManualClock

LIMIT = Limit(interval_ns=200 * 10**9, burst=3, overdraft=5)


async def test_a_hammering_caller_is_known_after_a_restart_and_aged_by_the_time_between(tmp_path: Path) -> None:
    clock = ManualClock(1.7e9)
    before = Buckets(2000, [LIMIT])
    for _ in range(6):
        before.take(0, "+14155552671", clock.ticks())
    await save(before, tmp_path / "buckets", clock, "caller_rate")
    later = ManualClock(1.7e9 + 200)  # another machine clock, 200 s later: one token came back
    after = Buckets(2000, [LIMIT])
    assert restore(after, tmp_path / "buckets", later, "caller_rate")
    assert after.peek(0, "+14155552671", later.ticks()) == pytest.approx(-2, abs=0.01)
    assert after.peek(0, "+14155552672", later.ticks()) == 3


async def test_the_file_is_private_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    clock = ManualClock()
    for _ in range(2):
        await save(Buckets(2000, [LIMIT]), tmp_path / "buckets", clock, "x")
    assert [p.name for p in tmp_path.iterdir()] == ["buckets"]
    assert stat.S_IMODE((tmp_path / "buckets").stat().st_mode) == 0o600


async def test_a_damaged_or_foreign_file_is_refused(tmp_path: Path) -> None:
    clock = ManualClock()
    path = tmp_path / "buckets"
    assert not restore(Buckets(2000, [LIMIT]), path, clock, "x")
    await save(Buckets(2000, [LIMIT]), path, clock, "x")
    with pytest.raises(SnapshotError):
        restore(Buckets(2000, [LIMIT]), path, clock, "other kinds")
    whole = path.read_bytes()
    for damaged in (whole[:-7], b"rubbish", whole[:100] + b"\xff" + whole[101:]):
        path.write_bytes(damaged)
        with pytest.raises(SnapshotError):
            restore(Buckets(2000, [LIMIT]), path, clock, "x")
