"""The ways on of who did not pass, none a dead end: who may have which, and what is said to the caller."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

from agi_screen.base.conduct import Attempt
from agi_screen.base.ways import Way
from agi_screen.reply.captcha.dialogue import Ask, Heard, Say

PAUSES = (4, 7, 10)  # before so many digits from the end
DOUBTFUL = 0.5  # of [captcha] doubt: whose conduct looks half like a machine's gets no operator unpassed


SPOKEN = frozenset({Way.CALLBACK, Way.REDRESS})  # these say something first, and may not be taken
HOLDING = frozenset({Way.HUMAN, Way.LAST})  # these wait for an operator, and are told so where we speak already


class Case(NamedTuple):
    """What the ways need to know of a call. `redress`: a number to complain at, or empty; `number`: the case's."""

    redress: str
    number: str
    nameable: bool


Spoken = Generator[Ask | Say, Heard, bool]


def deserves_a_human(attempts: Sequence[Attempt], doubt: float) -> bool:
    """Keys were pressed, if not the right ones, by nobody who looks like a machine. `doubt`: 1 is not believed."""
    return any(attempt.keys for attempt in attempts) and doubt < DOUBTFUL


def say(way: Way, case: Case) -> Spoken:
    """Says what this way has to say; returns whether it is taken."""
    if way is Way.CALLBACK:
        if not case.nameable:
            return False
        heard = yield Ask(("callback-offer",), (0,))
        if heard.keys != "1":
            return False
        yield Say(("callback-taken",))
    elif way is Way.REDRESS:
        if not case.redress:
            return False
        yield Say(("redress", *spoken(case.redress), "pause", "case", *spoken(case.number)))
    elif way in HOLDING:
        yield Say(("wait-last",))
    return True


def spoken(number: str) -> tuple[str, ...]:
    """Its digits, with pauses as people make them: 1 800 555 0100."""
    digits = [sign for sign in number if sign.isdigit()]
    words: list[str] = []
    for place, digit in enumerate(digits):
        if words and len(digits) - place in PAUSES:
            words.append("pause")
        words.append(digit)
    return tuple(words)
