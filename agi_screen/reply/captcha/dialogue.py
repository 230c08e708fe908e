"""The talk with a caller as data: what is said and asked, what is heard. No I/O: tested as a script of both sides."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from math import inf
from typing import NamedTuple

from agi_screen.base.conduct import Attempt
from agi_screen.base.config import PATIENCE_LATER
from agi_screen.base.verdict import CaptchaResult
from agi_screen.reply.captcha.challenge import Posed


class Ask(NamedTuple):
    """Say these words, then take the keys. `known`: the place in `words` from which on each key can be known."""

    words: tuple[str, ...]
    known: tuple[int, ...]
    patience: float = 1.0


class Say(NamedTuple):
    """Say these words; nothing is asked."""

    words: tuple[str, ...]


class Heard(NamedTuple):
    """What came of an Ask; seconds since it began, as in `Attempt`."""

    keys: str = ""
    early: int = 0
    pressed: tuple[float, ...] = ()
    asked: float = 0.0
    took: float = 0.0
    spoken: float = 0.0
    reacted: float = inf


class Passed(NamedTuple):
    """How the questions ended, and the chance of a guesser to have come so far."""

    result: CaptchaResult
    chance: float = 1.0


Questions = Generator[Ask | Say, Heard, Passed]
NOTHING = Heard()


class Plan(NamedTuple):
    """What the dialogue of one caller needs to know.

    `pose` gives the next question, told whether it is the last; `believed` whether the conduct so far is a person's;
    `silent_attempts`: after so many without a key nobody waits for one more.
    """

    pose: Callable[[list[Attempt], bool], Posed]
    believed: Callable[[list[Attempt]], bool]
    attempts: int
    silent_attempts: int


def questions(plan: Plan, attempts: list[Attempt]) -> Questions:
    """Asks until the keys are right and believed, or the attempts are over; adds each attempt to `attempts`."""
    silent = 0
    for number in range(1, plan.attempts + 1):
        last = number == plan.attempts or silent + 1 == plan.silent_attempts
        posed = plan.pose(attempts, last)
        heard = yield Ask(posed.words, posed.known, PATIENCE_LATER if attempts else 1.0)
        attempt = attempt_of(posed, heard)
        attempts.append(attempt)
        if attempt.right and plan.believed(attempts):
            yield Say(("passed",))
            return Passed(CaptchaResult.PASSED, posed.chance)
        silent = silent + 1 if attempt.silent else 0
        if silent == plan.silent_attempts:
            break
    return Passed(CaptchaResult.FAILED)


def attempt_of(posed: Posed, heard: Heard) -> Attempt:
    """What was asked, and what the caller did meanwhile."""
    right = secrets.compare_digest(heard.keys.encode(), posed.wanted.encode())
    begun = not right and bool(heard.keys) and posed.wanted.startswith(heard.keys)
    measured = (heard.pressed, heard.asked, heard.took, heard.spoken)
    return Attempt(posed.kind, right, len(heard.keys), heard.early, *measured, begun, heard.reacted)
