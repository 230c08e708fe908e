"""Gives a target its inputs, and keeps what made it fail, how long the slowest took, how much memory it all left."""

from __future__ import annotations

import asyncio
import faulthandler
import hashlib
import resource
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz.target import Target

BATCH = 500
HANG_SECONDS = 60.0  # one batch: longer is a hang, and ends the run with a traceback
WARM = 0.1  # part of the inputs after which caches are full, and memory is counted
PAGE = resource.getpagesize()


@dataclass
class Ran:
    """What a run saw. Memory is resident, in KiB: after a tenth of the inputs, at the most since, at the end."""

    target: str
    seed: int
    inputs: int = 0
    size: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    slowest: float = 0.0
    rss_warm: int = 0
    rss_most: int = 0
    rss_end: int = 0
    crashes: dict[str, str] = field(default_factory=dict)  # the first input of each kind, by where it was raised
    failed: int = 0


def rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE // 1024


async def run(target: Target, inputs: int, seed: int, keep: Path | None = None, say: bool = False) -> Ran:
    """The corpus first, then as many made-up inputs as are missing."""
    ran, chance, make = Ran(target.name, seed), Random(seed), target.mutator()
    first = [*target.seeds, *target.corpus()]
    began, cpu = time.perf_counter(), time.process_time()
    await target.open()
    told = began
    while ran.inputs < inputs:
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        count = min(BATCH, inputs - ran.inputs)
        batch, first = (first[:count], first[count:]) if first else ([make(chance) for _ in range(count)], first)
        for data in batch:
            take(target, data, ran, keep)
        for data, error in await asyncio.wait_for(target.turn(), HANG_SECONDS):
            failed(ran, data, error, keep)
        measure(ran, inputs)
        if say and time.perf_counter() - told > 30:
            told = time.perf_counter()
            rate = ran.inputs / (told - began)
            print(
                f"{target.name}: {ran.inputs:,} inputs, {rate:,.0f}/s, {ran.failed} failed, {rss():,} KiB", flush=True
            )
    faulthandler.cancel_dump_traceback_later()
    await target.close()
    ran.seconds, ran.cpu, ran.rss_end = time.perf_counter() - began, time.process_time() - cpu, rss()
    return ran


def take(target: Target, data: bytes, ran: Ran, keep: Path | None) -> None:
    begun = time.thread_time()
    try:
        target.take(data)
    except Exception as error:  # noqa: BLE001  what a fuzzer is for
        failed(ran, data, error, keep)
    took = time.thread_time() - begun
    ran.slowest = max(ran.slowest, took)
    ran.inputs += 1
    ran.size += len(data)


def failed(ran: Ran, data: bytes, error: Exception, keep: Path | None) -> None:
    """The first input of each place is kept, and what was raised there is printed."""
    ran.failed += 1
    frames = traceback.extract_tb(error.__traceback__)
    where = (
        f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else str(error)[:60]
    )
    if where in ran.crashes:
        return
    ran.crashes[where] = repr(data[:200])
    traceback.print_exception(error)
    print(f"{ran.target}: {where}: {data[:300]!r}", flush=True)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{ran.target}-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)


def measure(ran: Ran, inputs: int) -> None:
    if ran.inputs >= inputs * WARM:
        now = rss()
        ran.rss_warm = ran.rss_warm or now
        ran.rss_most = max(ran.rss_most, now)
