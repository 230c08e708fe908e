"""The signals of conduct: rows to read, each a way of acting in the CAPTCHA; and how often people are doubted."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import accumulate, pairwise
from math import ceil, erf, exp, log, sqrt
from typing import NamedTuple

import pytest

from agi_screen.base.conduct import Attempt, Conduct
from agi_screen.judge.score import score
from agi_screen.judge.signal import Facts
from agi_screen.judge.signals.key_rhythm import chi_squared
from tests.judge.signals.made import CALL, TABLES, points, shipped

NAMES = ("early_keys", "first_hangup", "key_rhythm", "machine_tone", "silence", "talk_over")
ALL = [shipped(name) for name in NAMES]
DOUBT = 5.0
SPOKEN_FOR = 5.0  # seconds that our question takes
MACHINE, PERSON, HINT = "a machine", "a person", "a hint"


def attempt(*gaps: float, right: bool = True, early: int = 0, spoken: float = 0.0, reacted: float = 1.0) -> Attempt:
    """A question answered after it, the keys so far apart."""
    pressed = tuple(accumulate((SPOKEN_FOR + 0.8, *gaps)))
    measured = (pressed, SPOKEN_FOR, pressed[-1], spoken)
    return Attempt("digits", right, len(pressed), early, *measured, False, reacted)


def silent(early: int = 0, spoken: float = 0.0) -> Attempt:
    return Attempt("digits", early=early, asked=SPOKEN_FOR, took=SPOKEN_FOR + 5, spoken=spoken)


LEFT_AT_ONCE = Attempt("digits", asked=2.0, took=2.0)


def doubt(conduct: Conduct) -> float:
    """1 is not believed, as the CAPTCHA asks for it."""
    caps = {"conduct": 10.0}
    return score(CALL, Facts(conduct=conduct), ALL, caps).points / DOUBT


class Row(NamedTuple):
    who: str
    says: str
    conduct: Conduct
    signals: set[str]


ROWS = [
    Row("answers in their own time", PERSON, Conduct((attempt(0.31, 0.44),)), set()),
    Row("is quick", PERSON, Conduct((attempt(0.16, 0.21),)), set()),
    Row("presses along with the digits", PERSON, Conduct((attempt(0.7, 0.62, reacted=0.5),)), set()),
    Row("mistypes, then is right", PERSON, Conduct((attempt(0.3, 0.5, right=False), attempt(0.25, 0.4))), set()),
    Row("is impatient", PERSON, Conduct((attempt(0.31, 0.44, early=2),)), set()),
    Row("says hello? hello?", PERSON, Conduct((attempt(0.31, 0.44, spoken=1.8),)), {"talk_over"}),
    Row("is deaf", HINT, Conduct((silent(), silent())), {"silence"}),
    Row("hangs up annoyed", HINT, Conduct((LEFT_AT_ONCE,), hung_up=True, after=2.0), {"first_hangup"}),
    Row("hangs up before the first question", HINT, Conduct((), hung_up=True, after=0.5), {"first_hangup"}),
    Row("asks two thumbs", HINT, Conduct((attempt(0.05),)), {"key_rhythm"}),
    Row("hits the same rhythm by chance", PERSON, Conduct((attempt(0.31, 0.33),)), set()),
    Row("hits the same rhythm twice", HINT, Conduct((attempt(0.32, 0.32), attempt(0.36, 0.36))), {"key_rhythm"}),
    Row("plays a pitch, and knows the keys", MACHINE, Conduct((attempt(0.3, 0.5, spoken=4.0),)), {"talk_over"}),
    Row("plays a pitch", MACHINE, Conduct((silent(spoken=5.0), silent(spoken=4.8))), {"talk_over", "silence"}),
    Row("floods keys", MACHINE, Conduct((attempt(0.3, 0.5, early=17, right=False),)), {"early_keys"}),
    Row("one key, then nothing", MACHINE, Conduct((silent(early=1), silent())), {"early_keys", "silence"}),
    Row("all at once", MACHINE, Conduct((attempt(0.08, 0.08),)), {"key_rhythm"}),
    Row("like a clock, twice", MACHINE, Conduct((attempt(0.2, 0.201), attempt(0.199, 0.2))), {"key_rhythm"}),
    Row("like a clock, late at times", MACHINE, Conduct((attempt(0.2, 0.21, 0.196, 0.2, 0.207),)), {"key_rhythm"}),
    Row("before the word was heard", MACHINE, Conduct((attempt(0.3, 0.5, reacted=0.05),)), {"key_rhythm"}),
    Row("a fax", MACHINE, Conduct((silent(), silent()), tone="fax"), {"machine_tone", "silence"}),
    Row("a modem", MACHINE, Conduct((silent(), silent()), tone="modem"), {"machine_tone", "silence"}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.who)
def test_way_of_acting(row: Row) -> None:
    spoke = {name for name in NAMES if points(name, Facts(conduct=row.conduct))}
    assert spoke == row.signals
    doubted = doubt(row.conduct)
    assert (doubted >= 1.0) is (row.says == MACHINE), doubted
    if row.says == HINT:
        assert doubted > 0.0


@pytest.mark.parametrize("name", NAMES)
def test_before_the_captcha_there_is_nothing_to_say(name: str) -> None:
    assert points(name, Facts()) == 0.0
    assert points(name, Facts(conduct=Conduct())) == 0.0


@pytest.mark.parametrize("name", ["talk_over", "early_keys", "key_rhythm", "machine_tone"])
def test_one_at_full_strength_is_doubt_enough_and_the_weak_ones_are_not(name: str) -> None:
    assert TABLES[name]["weight"] > DOUBT
    assert TABLES["silence"]["weight"] + TABLES["first_hangup"]["weight"] < DOUBT


@pytest.mark.parametrize("share", [0.0, 0.2, 0.35, 0.5, 0.6, 0.9, 1.2])
def test_the_more_is_spoken_over_the_question_the_stronger(share: float) -> None:
    found = points("talk_over", Facts(conduct=Conduct((silent(spoken=share * SPOKEN_FOR),))))
    assert found == pytest.approx(min(1.0, max(0.0, (share - 0.35) / 0.25)))


def test_in_a_moment_of_a_question_nobody_speaks_over_it() -> None:
    short = Attempt("digits", asked=1.5, took=1.5, spoken=1.5)
    assert points("talk_over", Facts(conduct=Conduct((short,), hung_up=True))) == 0.0


def test_chi_squared_is_chi_squared() -> None:
    """The closed forms of 1, 2 and 4 degrees of freedom, as far as a signal asks: up to the mean."""
    for x in (1e-6, 1e-4, 0.01, 0.1, 0.5, 0.99):
        assert chi_squared(x, 1) == pytest.approx(erf(sqrt(x / 2)))
        assert chi_squared(x, 2) == pytest.approx(1 - exp(-x / 2))
        assert chi_squared(3 * x, 4) == pytest.approx(1 - exp(-1.5 * x) * (1 + 1.5 * x), rel=1e-4)
    assert chi_squared(0.0, 3) == 0.0
    assert chi_squared(1e9, 3) == 1.0


def doubted_of(make: Callable[[], Conduct], times: int) -> float:
    return sum(doubt(make()) >= 1.0 for _ in range(times)) / times


def arriving(gaps: list[float], packet: float, chance: random.Random) -> list[float]:
    """A telephone tells that a key is over in its next packet, and that may be half a millisecond late."""
    moments = [*accumulate(gaps, initial=chance.random())]
    seen = [ceil(moment / packet) * packet + abs(chance.gauss(0, 0.0005)) for moment in moments]
    return [b - a for a, b in pairwise(seen)]


def conduct_of(gaps: list[float]) -> Conduct:
    """Three keys to each question."""
    return Conduct(tuple(attempt(*gaps[at : at + 2]) for at in range(0, len(gaps), 2)))


@pytest.mark.parametrize("packet", [0.0001, 0.02])
@pytest.mark.parametrize("questions", [1, 2])
def test_few_people_are_doubted_for_the_rhythm_of_their_keys(packet: float, questions: int) -> None:
    """Lognormal gaps that vary by 0.3 about each person's own pace, as they arrive."""
    chance = random.Random(20261124)

    def person() -> Conduct:
        sigma = sqrt(log(1 + 0.3**2))
        pace = log(chance.lognormvariate(log(0.33), 0.35)) - sigma * sigma / 2
        drawn = [chance.lognormvariate(pace, sigma) for _ in range(2 * questions)]
        return conduct_of(arriving(drawn, packet, chance))

    assert doubted_of(person, 10_000) < 0.005


@pytest.mark.parametrize("packet", [0.0001, 0.02])
@pytest.mark.parametrize(("step", "once", "twice"), [(0.1, 1.0, 0.95), (0.2, 0.0, 0.8), (0.3, 0.0, 0.9)])
def test_what_machines_are_caught(step: float, once: float, twice: float, packet: float) -> None:
    """Three keys like a clock's may be a person's: only fast ones are caught at once, others at the next question."""
    chance = random.Random(20261124)

    def machine(questions: int) -> Conduct:
        drawn = [chance.gauss(step, 0.001) for _ in range(2 * questions)]
        return conduct_of(arriving(drawn, packet, chance))

    assert doubted_of(lambda: machine(1), 1000) == pytest.approx(once, abs=0.05)
    assert doubted_of(lambda: machine(2), 1000) >= twice
