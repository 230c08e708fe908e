"""The real Asterisk, the real daemon and many callers at once, for the measurements of the CAPTCHA."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.ends.prompts import Prompts
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.tree import ROOT

LANGUAGES = ("en", "es", "fr", "de", "it")
ASKED = "18005550210"  # every call is put the CAPTCHA, whatever its score
SCREENED = "18005550100"
SITE = """
[from-trunk]
exten => 18005550210,1,Set(AGI_SCREEN_AGI=agi://127.0.0.1:{port}/captcha)
 same => n,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Wait(0.5)
 same => n,Hangup()
"""
EVERY_KIND = '["normal", "elevated", "siege"]'  # of challenge is asked, at each level
Acts = Callable[[Caller], Awaitable[object]]


class Row(NamedTuple):
    """What the daemon recorded of one call."""

    caller: str
    captcha: str
    verdict: str
    asked: str
    conduct: str
    way: str
    seconds: float


@dataclass(slots=True)
class CaptchaLab:
    """`call` places calls; each comes from a number whose block no other call comes from."""

    lab: Lab
    daemon: DaemonProcess
    placed: int = 0
    numbers: dict[str, list[str]] = field(default_factory=dict)

    async def many(self, kind: str, acts: Acts, count: int, at_once: int, spread: float = 0.05) -> list[object]:
        """So many calls of one kind, so many of them at a time, begun `spread` seconds apart."""
        room, results = asyncio.Semaphore(at_once), []

        async def one(number: str) -> None:
            async with room, await Caller.place(Dial(self.lab.ports.sip, ASKED, caller=number)) as call:
                results.append(await acts(call))

        numbers = [self._number() for _ in range(count)]
        self.numbers[kind] = numbers
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                await room.acquire()
                room.release()
                group.create_task(one(number))
                await asyncio.sleep(spread)
        return results

    def _number(self) -> str:
        """Another block of a thousand each time."""
        self.placed += 1
        return f"+1{612 + self.placed // 8000}{200 + self.placed // 10 % 800:03d}{self.placed % 10}000"

    def rows(self, kind: str) -> list[Row]:
        """What was recorded of the calls of a kind."""
        sql = "SELECT caller, captcha, final_verdict, asked, conduct, way, captcha_time FROM calls"
        wanted = {number.removeprefix("+") for number in self.numbers[kind]}
        found = [Row(*row) for row in self.daemon.query(sql)]
        return [row for row in found if row.caller.removeprefix("+") in wanted]


@contextmanager
def captcha_lab(levels: str = "", more: str = "", site: str = SITE, operators: int = 1) -> Iterator[CaptchaLab]:
    """Everything started; the daemon has the shipped configuration, and `more`. `levels`: as in DaemonProcess."""
    port = free_port(socket.SOCK_STREAM)
    options = LabOptions(agi_port=port, site=site.format(port=port), rtp_ports=4000, operators=operators)
    with (
        tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder,
        Lab(options) as lab,
        DaemonProcess(lab, Path(folder), more, key_time="5s", levels=levels, short_talk="20s") as daemon,
    ):
        yield CaptchaLab(lab, daemon)


def known_prompts() -> Prompts:
    """What a person knows."""
    return Prompts.load({name: ROOT / f"asterisk_conf/sounds/{name}/agi-screen" for name in LANGUAGES})


def tally(rows: list[Row]) -> dict[str, Any]:
    """Counts of one kind of caller."""
    first = [row for row in rows if row.captcha == "passed" and row.asked.count(",") == 0]
    second = [row for row in rows if row.captcha == "passed" and row.asked.count(",") <= 1]
    return {
        "calls": len(rows),
        "results": dict(Counter(row.captcha for row in rows)),
        "passed": sum(row.captcha == "passed" for row in rows),
        "passed_at_first": len(first),
        "passed_within_two": len(second),
        "let_through": sum(row.verdict == "allow" for row in rows),
        "ways": dict(Counter(row.way for row in rows if row.way)),
        "by_kind": by_kind(rows),
        "seconds_p50": quantile([row.seconds for row in rows], 0.5),
        "seconds_p95": quantile([row.seconds for row in rows], 0.95),
        "passed_seconds_p50": quantile([row.seconds for row in first], 0.5),
    }


def by_kind(rows: list[Row]) -> dict[str, dict[str, int]]:
    """How the questions of each kind ended."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        for part in filter(None, row.asked.split(",")):
            kind, _, how = part.partition(":")
            found.setdefault(kind, Counter())[how] += 1
    return {kind: dict(ends) for kind, ends in found.items()}


def quantile(values: list[float], share: float) -> float:
    """0 of nothing."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0
