"""A plausible day of a call centre's records, made up: quiet hours, a lunch-time peak, an attack by neighbours."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from agi_screen.base.clock import SystemClock
from agi_screen.base.records import CallEnd, CallRecord, Disposition, ListEntry, ListName, MatchKind
from agi_screen.base.store import Store
from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict

HOUR = 3600.0
BUSY = (1, 1, 1, 1, 2, 4, 12, 30, 55, 70, 75, 80, 90, 85, 75, 70, 60, 40, 20, 10, 6, 4, 2, 1)  # calls an hour
AREAS = (612, 651, 763, 952, 507, 218, 320)
NAMES = ("", "", "", "ANDERSON K", "LARSEN PETER", "MINNEAPOLIS MN", "WIRELESS CALLER", "NGUYEN T")
ATTACK_BEGAN, ATTACK_LASTED, ATTACK_CALLS = 5.2 * HOUR, 0.7 * HOUR, 900
DIALLED = ("+18005550100", "+18005550199")


def evidence(chance: random.Random, robot: bool) -> tuple[Evidence, ...]:
    """What signals said: little of most people, much of a robot; the scores are points by the shipped weights."""
    gateway = Evidence("attestation", 1.0, 6.0, "C: a gateway")
    if not robot:
        known = Evidence("attestation", 0.2, 1.2, "B: the carrier knows the customer")
        return chance.choices(((), (known,), (gateway,)), (70, 27, 3))[0]
    new = chance.randrange(30, 400)
    many, block = chance.uniform(0.3, 0.7), chance.uniform(0.2, 0.6)
    found = [
        Evidence("distinct_callers", many, round(5.5 * many, 2), f"{new} new callers in ten minutes, usual is 12"),
        Evidence("block_rate", block, round(5.5 * block, 2), f"{new // 4 + 3} calls of its block in an hour"),
        gateway,
    ]
    return tuple(found[: chance.choice((1, 2, 3, 3))])


def a_call(chance: random.Random, number: int, started: float, robot: bool) -> tuple[CallRecord, CallEnd]:
    seen = evidence(chance, robot)
    score = round(sum(one.score for one in seen), 2)
    level = Level.ELEVATED if robot else Level.NORMAL
    verdict = Verdict.CHALLENGE if score >= (3.0 if robot else 5.0) else Verdict.ALLOW
    captcha = CaptchaResult.SKIPPED
    if verdict is Verdict.CHALLENGE:
        ends = (CaptchaResult.FAILED, CaptchaResult.HUNGUP) if robot else (CaptchaResult.PASSED,)
        captcha = chance.choice(ends)
    stopped = verdict is Verdict.CHALLENGE and robot
    final = Verdict.REJECT if stopped else Verdict.ALLOW
    area, block = (800, 555) if robot and chance.random() < 0.4 else (chance.choice(AREAS), chance.randrange(200, 999))
    caller = f"+1{area}{block}{chance.randrange(10_000):04}"
    record = CallRecord(
        id=f"{int(started * 1000):011x}{number:08x}",
        uniqueid=f"{started:.0f}.{number}",
        started=started,
        caller=caller,
        caller_raw=caller[1:],
        caller_kind="valid",
        caller_name="" if robot else chance.choice(NAMES),
        dialled=chance.choice(DIALLED),
        trunk="carrier-1" if robot else "carrier-2",
        verdict=verdict,
        final_verdict=final,
        score=score,
        level=level,
        final="",
        evidence=seen,
        captcha=captcha,
        tampering=(),
        error="",
        decide_us=chance.randrange(30, 90),
    )
    talk = 0.0 if final is Verdict.REJECT else 4.0 if robot else chance.lognormvariate(5.0, 0.7)
    how = Disposition.REJECTED if final is Verdict.REJECT else Disposition.TALKED
    end = CallEnd(record.uniqueid, started + 20 + talk, 21 if final is Verdict.REJECT else 16, how)
    if talk:
        end = replace(end, queue="operators", queue_wait=chance.uniform(1, 18), talk_time=talk, operator="PJSIP/desk")
    return record, end


def day(now: float, seed: int = 6) -> Iterator[tuple[CallRecord, CallEnd]]:
    """The 24 hours before `now`, oldest first."""
    chance = random.Random(seed)
    starts = [(now - (24 - hour - chance.random()) * HOUR, False) for hour in range(24) for _ in range(BUSY[hour])]
    begun = now - ATTACK_BEGAN
    starts += [(begun + ATTACK_LASTED * chance.betavariate(2, 3), True) for _ in range(ATTACK_CALLS)]
    for number, (started, robot) in enumerate(sorted(starts)):
        yield a_call(chance, number, started, robot)


def entries(now: float) -> list[ListEntry]:
    number, prefix = MatchKind.NUMBER, MatchKind.PREFIX
    return [
        ListEntry(ListName.ALLOW, number, "+16125550142", "the county's interpreters", "ann", now - 40 * 24 * HOUR),
        ListEntry(ListName.ALLOW, number, "+16515550120", "asked for redress, case 2041 7733", "ben", now - 9 * HOUR),
        ListEntry(ListName.ALLOW, prefix, "+1651555", "the agency's own telephones", "ann", now - 90 * 24 * HOUR),
        ListEntry(ListName.DENY, number, "+12025550187", "threats", "ann", now - 3 * 24 * HOUR, now + 27 * 24 * HOUR),
        ListEntry(
            ListName.DENY, number, "+18005550133", "dead air, each hour", "ben", now - 5 * HOUR, now + 6 * 24 * HOUR
        ),
        ListEntry(ListName.DENY, prefix, "+1900", "premium numbers call nobody", "ann", now - 200 * 24 * HOUR),
        ListEntry(ListName.SUSPECT, number, "+13125550111", "complaint: loans", "complaints 2026-11", now - 24 * HOUR),
    ]


async def fill(database: Path) -> None:
    """Writes it all, before the daemon of this database starts."""
    clock = SystemClock()
    store = await Store.open(database, clock=clock)
    made = list(day(clock.wall() - 60))
    await store.save_calls([record for record, _ in made])
    await store.save_ends([end for _, end in made])
    await store.add_entries(entries(clock.wall()))
    await store.close()


def filled(database: Path) -> None:
    asyncio.run(fill(database))
