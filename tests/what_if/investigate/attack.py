"""A suspected attack as records, made up: people of Minnesota on normal days, then a flood of a dialler that counts
upwards, timers that hammer, and numbers strewn over the country."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from agi_screen.base.clock import ManualClock
from agi_screen.base.records import CallEnd, CallRecord, Disposition, Feedback
from agi_screen.base.store import Store
from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict
from tests.made import a_call

DAY = 86_400.0
OPENING = 1_478_005_200.0  # 2016-11-01 08:00 in Minnesota
HOME = (218, 320, 507, 612, 651, 763, 952)
AWAY = (201, 212, 213, 305, 312, 404, 415, 503, 702, 801, 242, 416)
Made = tuple[CallRecord, CallEnd]
BATCH = 20_000


def person(rng: Random) -> str:
    return f"+1{rng.choice(HOME)}{rng.randint(222, 777)}{rng.randint(0, 9999):04}"


def one(n: int, at: float, caller: str, rng: Random, *, robot: bool, level: Level = Level.NORMAL) -> Made:
    """A person talks, or is challenged and talks; a robot is challenged and fails, or is rejected."""
    told = rng.choices((Verdict.REJECT, Verdict.DIVERT, Verdict.ALLOW), (70, 29, 1))[0] if robot else Verdict.ALLOW
    judged = {Verdict.REJECT: Verdict.REJECT, Verdict.DIVERT: Verdict.CHALLENGE}.get(told, Verdict.ALLOW)
    captcha = CaptchaResult.FAILED if told is Verdict.DIVERT else CaptchaResult.SKIPPED
    attested = rng.choices("ABC", (1, 3, 6) if robot else (7, 2, 1))[0]
    evidence: tuple[Evidence, ...] = (Evidence("attestation", 0.1, 0.2, f"attestation {attested}"),)
    if robot:
        evidence += (Evidence("caller_rate", 0.5, 3.75, "3 calls over 3/10m"),)
    record = a_call(
        *(f"{n:08x}",),
        started=at,
        caller=caller,
        caller_raw=caller[2:],
        caller_name="",
        verdict=judged,
        final_verdict=told,
        captcha=captcha,
        level=level,
        evidence=evidence,
        tampering=(),
        trunk="PJSIP/cheap" if robot and rng.random() < 0.8 else "PJSIP/carrier",
    )
    talked = told is Verdict.ALLOW and rng.random() < 0.9
    ended = Disposition.TALKED if talked else Disposition.REJECTED if told is Verdict.REJECT else Disposition.ABANDONED
    wait = rng.expovariate(1 / 360) if told is Verdict.ALLOW else 0.0
    talk = rng.expovariate(1 / (8 if robot else 180)) if talked else 0.0
    return record, CallEnd(record.uniqueid, at + wait + talk, 16, ended, "operators", wait, talk, "PJSIP/101")


def days(start: float, count: int, calls: int, rng: Random, siege: tuple[float, float] = (0, 0)) -> Iterator[Made]:
    """Normal days of eleven hours from `start` on, the first hour the busiest; judged at siege from and to then."""
    for day in range(count):
        first = sorted(rng.uniform(0, 3600) for _ in range(calls // 4))
        rest = sorted(rng.uniform(3600, 39_600) for _ in range(calls - calls // 4))
        for place, after in enumerate(first + rest):
            n = (day << 20) + place
            at = start + DAY * day + after
            level = Level.SIEGE if siege[0] <= at < siege[1] else Level.NORMAL
            yield one(n, at, person(rng), rng, robot=False, level=level)


def flood(start: float, seconds: float, calls: int, rng: Random) -> Iterator[Made]:
    """Half of one block counted upwards, the rest by timers and by random numbers; a siege after half a minute."""
    timers = [f"+1{rng.choice(AWAY)}555{rng.randint(0, 9999):04}" for _ in range(20)]
    for place in range(calls):
        at = start + seconds * place / calls
        level = Level.NORMAL if at < start + 15 else Level.ELEVATED if at < start + 30 else Level.SIEGE
        caller = f"+1651555{(1000 + place // 2) % 10_000:04}"
        if place % 2:
            caller = (
                timers[place // 2 % 20] if place % 4 == 1 else f"+1{rng.choice(AWAY)}{rng.randint(2220000, 9999999)}"
            )
        yield one((1 << 28) + place, at, caller, rng, robot=True, level=level)


def fill(path: Path, made: Iterator[Made], *feedback: Feedback) -> None:
    """Writes all into the database at `path`."""

    async def write() -> None:
        store = await Store.open(path, clock=ManualClock(OPENING))
        while batch := list(islice(made, BATCH)):
            await store.save_calls([record for record, _ in batch])
            await store.save_ends([end for _, end in batch])
        for word in feedback:
            await store.save_feedback(word)
        await store.close()

    asyncio.run(write())
