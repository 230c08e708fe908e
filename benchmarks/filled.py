"""A daemon's folder filled before it starts: callers remembered, list entries, records of past days."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from agi_screen.base.bucket_file import save
from agi_screen.base.clock import SystemClock
from agi_screen.base.records import CallRecord, ListEntry, ListName, MatchKind
from agi_screen.base.store import Store
from agi_screen.base.verdict import CaptchaResult, Level, Verdict
from agi_screen.judge.meters import Meters
from agi_screen.settings import load

AREAS = (
    *(201, 202, 212, 213, 214, 215, 218, 305, 312, 313, 314, 317, 320, 404, 408, 410, 412, 415, 503, 504),
    *(507, 512, 602, 612, 614, 615, 617, 651, 702, 703, 713, 763, 801, 804, 816, 901, 916, 919, 952, 972),
)
EXCHANGES, LINES = 800, 10_000
BATCH = 20_000
DAY = 86_400.0


def caller(index: int) -> str:
    """The number that agi_load.c gives to this index, in E.164."""
    rest, area = divmod((index * 48_271 + 7) % (len(AREAS) * EXCHANGES * LINES), len(AREAS))
    line, exchange = divmod(rest, EXCHANGES)
    return f"+1{AREAS[area]}{200 + exchange}{line:04}"


def callers(config: Path, count: int) -> None:
    """So many callers have called once: the kept buckets of a daemon that was stopped."""
    settings, clock = load(config), SystemClock()
    meters = Meters(settings.config.limiter.capacity)
    meters.configure(settings.signals)
    assert meters.buckets is not None
    take, now = meters.buckets.take, clock.ticks()
    for index in range(count):
        take(0, caller(index), now)
    asyncio.run(save(meters.buckets, settings.buckets, clock, meters.label))


def entries(config: Path, count: int) -> None:
    """So many numbers are denied, none of them that of a caller of the benchmark."""
    now = SystemClock().wall()
    denied = (
        ListEntry(ListName.DENY, MatchKind.NUMBER, f"+44{7_000_000_000 + n}", "benchmark", "benchmark", now)
        for n in range(count)
    )
    asyncio.run(_add(load(config).database, denied))


def records(config: Path, count: int, days: int) -> None:
    """So many calls stand in the database, spread over past days."""
    now = SystemClock().wall()
    past = (_record(n, now - days * DAY * (1 - n / count)) for n in range(count))
    asyncio.run(_save(load(config).database, past))


def _record(n: int, started: float) -> CallRecord:
    number = caller(n)
    return CallRecord(
        id=f"{int(started * 1000):011x}{n:08x}",
        uniqueid=f"{int(started)}.{n}",
        started=started,
        caller=number,
        caller_raw=number[2:],
        caller_kind="valid",
        caller_name="",
        dialled="+18005550100",
        trunk="PJSIP/trunk",
        verdict=Verdict.ALLOW,
        final_verdict=Verdict.ALLOW,
        score=0.0,
        level=Level.NORMAL,
        final="",
        evidence=(),
        captcha=CaptchaResult.SKIPPED,
        tampering=(),
        error="",
        decide_us=50,
    )


async def _add(path: Path, denied: Iterable[ListEntry]) -> None:
    store = await Store.open(path, clock=SystemClock())
    await store.add_entries(list(denied))
    await store.close()


async def _save(path: Path, past: Iterable[CallRecord]) -> None:
    store = await Store.open(path, clock=SystemClock())
    rest = iter(past)
    while batch := list(islice(rest, BATCH)):
        await store.save_calls(batch)
    await store.close()
