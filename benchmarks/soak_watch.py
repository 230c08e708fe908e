"""What the soak sees of the daemon from outside: the kernel's figures of its process, and its own of /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks.machine import memory_kib

REST_SECONDS = 60.0
MILLION = 1_000_000
# Samples of a mebibyte or so of resident memory are noise: the slope is of many of them.
FIGURES = {
    "late_ms": "agi_screen_loop_lag_worst_seconds",
    "waiting": "agi_screen_records_waiting",
    "sessions": "agi_screen_sessions",
    "in_captcha": "agi_screen_in_captcha",
    "followed": "agi_screen_calls_followed",
    "callers": "agi_screen_callers_remembered",
    "buckets": "agi_screen_buckets_used",
}


class Sample(NamedTuple):
    """One look. `at` in seconds since the begin; `late_ms` is the worst of the last minute."""

    at: float
    calls: int
    mib: float
    descriptors: int
    threads: int
    late_ms: float
    waiting: float
    sessions: float
    in_captcha: float
    followed: float
    callers: float
    buckets: float


class Sampler:
    """`run` looks every few seconds until it is cancelled."""

    def __init__(self, pid: int, desk_port: int, every: float) -> None:
        self.samples: list[Sample] = []
        self.sessions: Callable[[], int] = lambda: 0
        self._pid = pid
        self._url = f"http://127.0.0.1:{desk_port}/metrics"
        self._every = every
        self._begun = asyncio.get_running_loop().time()

    async def run(self) -> None:
        while True:
            self.samples.append(await self.look())
            await asyncio.sleep(self._every)

    async def look(self) -> Sample:
        process = Path(f"/proc/{self._pid}")
        figures = await self._figures()
        return Sample(
            round(asyncio.get_running_loop().time() - self._begun, 2),
            self.sessions(),
            round(memory_kib(self._pid) / 1024, 2),
            len(list((process / "fd").iterdir())),
            len(list((process / "task").iterdir())),
            figures["late_ms"] * 1000,
            *(figures[name] for name in FIGURES if name != "late_ms"),
        )

    async def _figures(self) -> dict[str, float]:
        """A connection of its own each time: one that is kept would be the daemon's to hold."""
        async with aiohttp.ClientSession() as client, client.get(self._url) as answer:
            text = await answer.text()
        said = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        return {name: float(said[figure]) for name, figure in FIGURES.items()}

    async def settled(self) -> Sample:
        """The daemon at rest: nothing is open, nothing waits, or the time for it is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + REST_SECONDS
        while (found := await self.look()).waiting or found.sessions or found.in_captcha:
            if loop.time() > deadline:
                break
            await asyncio.sleep(0.2)
        return found


def slope(samples: list[Sample]) -> float:
    """MiB more for a million calls more, over the last half: a line laid through the samples by least squares."""
    half = samples[len(samples) // 2 :]
    mean_calls = sum(one.calls for one in half) / len(half)
    mean_mib = sum(one.mib for one in half) / len(half)
    spread = sum((one.calls - mean_calls) ** 2 for one in half)
    together = sum((one.calls - mean_calls) * (one.mib - mean_mib) for one in half)
    return together / spread * MILLION if spread else 0.0
