"""A robot that recognises speech tries for ten minutes: from one number, and from the numbers of one block.

`python -m benchmarks.captcha_trying --out DIR`. The shipped configuration, a quiet day; operators hang up on robots.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import uvloop
from rich.console import Console

from benchmarks.captcha import recogniser_python
from benchmarks.captcha_lab import SCREENED, CaptchaLab, captcha_lab, tally
from benchmarks.report import Goal, Part, Report, table
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.ends.recogniser import RecogniserProcess, RecogniserRobot
from tests.asterisk.ends.robots import HUMAN_LIKE, Manner

SECONDS, QUICK_SECONDS = 600.0, 30.0
LINES = 4  # of each robot, all the time
OPERATORS = 8
OPERATOR_SECONDS = 6.0  # until an operator hangs up on a robot
PATIENCE = 90.0
ONE_NUMBER = "+16125552671"
Numbers = Callable[[], str]
ROBOTS: dict[str, Numbers] = {
    "one number": lambda: ONE_NUMBER,
    "one block": lambda: f"+1651555{random.randrange(2000, 3000)}",
}


def measure(quick: bool) -> Report:
    """Both robots at the same time, before the same judge, with keys spaced like a person's."""
    with captcha_lab(operators=OPERATORS) as lab, RecogniserProcess(str(recogniser_python()), "whisper") as hears:
        found = uvloop.run(trying(lab, hears, QUICK_SECONDS if quick else SECONDS))
    goals = [
        Goal(f"% of calls from {name} that reach an operator", 10.0, row["reached_percent"], at_most=True)
        for name, row in found.items()
    ]
    return {"lines": LINES, "robots": found, "goals": [goal.row() for goal in goals]}


async def trying(lab: CaptchaLab, hears: RecogniserProcess, seconds: float) -> dict[str, Any]:
    """Every line calls again as soon as its call is over."""
    begun = time.monotonic()
    placed: dict[str, list[tuple[str, float]]] = {name: [] for name in ROBOTS}
    async with await Desk.open(lab.lab.ports.operator, hold=OPERATOR_SECONDS, operators=OPERATORS) as desk:

        async def line(name: str) -> None:
            while time.monotonic() < begun + seconds:
                number = ROBOTS[name]()
                placed[name].append((number, time.monotonic() - begun))
                async with await Caller.place(Dial(lab.lab.ports.sip, SCREENED, caller=number)) as call:
                    await RecogniserRobot(call, hears, "en", Manner(PATIENCE, HUMAN_LIKE)).run()

        await asyncio.gather(*(line(name) for name in ROBOTS for _ in range(LINES)))
        reached = {name: [] for name in ROBOTS}  # type: dict[str, list[float]]
        for call in desk.calls.values():
            name = "one number" if ONE_NUMBER in call.caller else "one block"
            reached[name].append(call.answered - begun)
    for name, calls in placed.items():
        lab.numbers[name] = [number for number, _ in calls]
    return {name: row(lab, name, placed[name], reached[name]) for name in ROBOTS}


def row(lab: CaptchaLab, name: str, placed: list[tuple[str, float]], reached: list[float]) -> dict[str, Any]:
    return {
        **tally(lab.rows(name)),
        "placed": len(placed),
        "reached": len(reached),
        "reached_percent": 100 * len(reached) / max(1, len(placed)),
        "reached_at": sorted(round(at, 1) for at in reached),
    }


def show(report: Report, console: Console) -> None:
    heads = ("robot", "calls", "reached an operator", "%", "in the first minute", "CAPTCHAs passed", "failed")
    rows = [
        [
            name,
            str(found["placed"]),
            str(found["reached"]),
            f"{found['reached_percent']:.1f}",
            str(sum(at < 60 for at in found["reached_at"])),
            str(found["passed"]),
            str(found["results"].get("failed", 0)),
        ]
        for name, found in report["robots"].items()
    ]
    table(f"Ten minutes of trying, {report['lines']} lines each", heads, rows, console)


PART = Part("captcha_trying", measure, show)
if __name__ == "__main__":
    sys.exit(PART.main())
