"""A few kills of those that `benchmarks.kill9` does by the thousand."""

from __future__ import annotations

from pathlib import Path

from tests.asterisk.kills.run import run

LOST_SECONDS = 1.0  # far beyond flush_time: on a machine that tests keep busy a write takes its time


async def test_kill_at_random_moments(tmp_path: Path) -> None:
    result = await run(4, tmp_path, seed=4, chunk_seconds=2.0)
    assert result.faults == []
    told, done = result.told, result.memory.acknowledged
    assert told.placed
    assert told.asked
    assert set(told.unscreened) >= {"refused"}
    assert {"level", "list entry by API", "list entry by command"} <= set(done)
    assert all(age < LOST_SECONDS for age in result.lost)
    assert len(result.lost) < len(told.verdicts) / 2
