"""What one process knows of level and callers, and another takes over."""

from __future__ import annotations

import json

import pytest

from agi_screen.base.config import Config
from agi_screen.base.happened import CaptchaDone
from agi_screen.base.toml_file import DEFAULTS, read_tables
from agi_screen.base.verdict import CaptchaResult, Level
from agi_screen.judge.callers import Callers
from agi_screen.judge.level import LevelChange, LevelKeeper, Override
from tests.judge.calls import a_call_at

ARRIVALS = Config.model_validate(read_tables(DEFAULTS)[0]).arrivals
RATE = 0.01
BEGAN = 1_700_000_000.0


def ns(seconds: float) -> int:
    return round(seconds * 1e9)


@pytest.fixture
def attacked() -> LevelKeeper:
    """Half a minute of ten calls a second where one in a hundred seconds is usual."""
    keeper = LevelKeeper(ARRIVALS, None, BEGAN)
    for n in range(300):
        keeper.arrived(ns(1000 + n / 10), BEGAN + n / 10, RATE)
    assert keeper.level is Level.SIEGE
    return keeper


def taken_over(kept: object, ticks: int, wall: float) -> tuple[LevelKeeper, list[LevelChange]]:
    heir, told = LevelKeeper(ARRIVALS, None, wall), list[LevelChange]()
    heir.on_change = told.append
    heir.take_over(json.loads(json.dumps(kept)), ticks, wall)
    return heir, told


def test_a_level_of_the_arrivals_goes_on_and_nobody_is_told_anew(attacked: LevelKeeper) -> None:
    heir, told = taken_over(attacked.keep(ns(1030), BEGAN + 30), ns(5), BEGAN + 32)  # of another clock
    assert (heir.level, heir.change, told) == (Level.SIEGE, attacked.change, [])
    assert heir.beyond == pytest.approx(attacked.beyond, rel=0.05)


def test_it_ends_after_as_long_a_calm_as_without_a_restart(attacked: LevelKeeper) -> None:
    ticks, wall = 1030.0, BEGAN + 30
    heir, _ = taken_over(attacked.keep(ns(ticks), wall), ns(ticks), wall)
    for keeper in (attacked, heir):
        seconds = 0.0
        while keeper.level is Level.SIEGE:
            seconds += 5
            keeper.quiet(ns(ticks + seconds), wall + seconds, RATE * 100)
        assert seconds == pytest.approx(ARRIVALS.calm, abs=60)


def test_a_person_s_word_goes_on(attacked: LevelKeeper) -> None:
    attacked.set(Override(Level.NORMAL, 0.0, "ann", "a film about us"), BEGAN + 31)
    heir, told = taken_over(attacked.keep(ns(1031), BEGAN + 31), ns(1032), BEGAN + 32)
    assert (heir.level, heir.override, heir.change.by, told) == (Level.NORMAL, attacked.override, "ann", [])
    heir.set(None, BEGAN + 40)
    assert heir.level is Level.SIEGE


def test_an_attack_of_long_ago_is_over(attacked: LevelKeeper) -> None:
    heir, _ = taken_over(attacked.keep(ns(1030), BEGAN + 30), ns(5), BEGAN + 31 + ARRIVALS.calm)
    assert heir.level is Level.NORMAL


@pytest.mark.parametrize(
    "broken", [{}, {"wall": "x"}, {"wall": BEGAN, "calm": 1, "learned": "war", "override": None, "change": {}}]
)
def test_anything_else_is_left_alone(broken: dict[str, object]) -> None:
    heir, told = taken_over(broken, ns(5), BEGAN + 1)
    assert (heir.level, told) == (Level.NORMAL, [])


def test_callers_are_taken_over_whole_and_replace_what_was_read_before() -> None:
    elder, heir = Callers(1000), Callers(1000)
    for n in range(5):
        elder.seen(a_call_at(BEGAN + 10 * n))
    elder.learn(CaptchaDone("+14155552671", "t", BEGAN, CaptchaResult.PASSED))
    heir.seen(a_call_at(BEGAN))
    heir.take_over(json.loads(json.dumps(elder.recent(10))))
    ours, theirs = (c.peek(a_call_at(BEGAN)) for c in (heir, elder))
    assert (ours.calls, ours.gaps, ours.gap, ours.passed) == (theirs.calls, theirs.gaps, theirs.gap, 1)
    assert len(heir) == 1


def test_of_many_callers_the_newest_are_handed_over() -> None:
    elder = Callers(1000)
    for n in range(100):
        elder.seen(a_call_at(BEGAN + n, f"+1415555{n:04d}"))
    told = [row[0] for row in elder.recent(3)["callers"]]
    assert told == ["+14155550097", "+14155550098", "+14155550099"]
