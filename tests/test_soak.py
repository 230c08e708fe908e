"""A short soak: the real daemon, ordinary and hostile sessions through sockets, faults all the while."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak import soak
from benchmarks.soak_watch import Sample, slope

CALLS, BATCH = 3_000, 500


async def test_a_short_soak_leaves_nothing_behind(tmp_path: Path) -> None:
    through: list[int] = []
    report = await soak(tmp_path, CALLS, BATCH, 0.5, through.append, imports=False)
    assert through[-1] >= CALLS
    assert report["ordinary"]["unanswered"] == 0
    assert report["not_taken"] == 0
    assert (report["tracebacks"], report["faults_of_ours"]) == (0, 0)
    rest = report["rest"]
    assert (rest["waiting"], rest["sessions"], rest["in_captcha"]) == (0, 0, 0)
    assert rest["descriptors"] <= report["samples"][0]["descriptors"] + 5
    assert report["recorded"] >= report["ordinary"]["answered"]


def test_the_slope_is_that_of_the_last_half() -> None:
    samples = [Sample(0.0, n * 1_000, 100.0 + 2 * n, *[0] * 9) for n in range(10)]
    flat = [Sample(0.0, n * 1_000, 120.0, *[0] * 9) for n in range(10, 20)]
    assert slope(samples) == 2_000.0
    assert slope(samples + flat) == 0.0
