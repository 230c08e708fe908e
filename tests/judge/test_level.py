"""The attack level: quiet on ordinary weeks, up at once, down a step at a time; a person has the last word."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.config import Arrivals
from agi_screen.base.toml_file import DEFAULTS, read_tables
from agi_screen.base.verdict import Level
from agi_screen.judge.arrivals import Baseline
from agi_screen.judge.level import ORDER, LevelChange, LevelKeeper, Override
from tests.judge.calls import SECOND, poisson

HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0
CONFIG = Arrivals.model_validate(read_tables(DEFAULTS)[0]["arrivals"])
START = 4 * DAY


class Centre:
    """Arrivals, their baseline and the level; looked at every five seconds as the daemon does."""

    def __init__(self, rate: float, fixed: Level | None = None) -> None:
        self.rate = rate
        self.now = START
        self.baseline = Baseline(CONFIG.floor.per_second, rate)
        self.keeper = LevelKeeper(CONFIG, fixed, START)
        self.changes: list[LevelChange] = []
        self.keeper.on_change = self.changes.append

    @property
    def level(self) -> Level:
        return self.keeper.level

    def calls(self, rate: float, seconds: float, seed: int = 1) -> Centre:
        """Chance arrivals, `rate` a second."""
        for at in poisson(rate, seconds, seed, self.now):
            self._look(at)
            self.keeper.arrived(round(at * SECOND), at, self.baseline.rate)
            self.baseline.taught(at, usual=self.level is Level.NORMAL)
        return self

    def silence(self, seconds: float) -> Centre:
        self._look(self.now + seconds)
        return self

    def _look(self, until: float) -> None:
        while self.now + 5.0 <= until:
            self.now += 5.0
            self.keeper.quiet(round(self.now * SECOND), self.now, self.baseline.rate)
        self.now = max(self.now, until)


RATES = [CONFIG.floor.per_second, 0.5, 2.0]


@pytest.mark.parametrize("rate", RATES)
def test_usual_arrivals_never_leave_normal(rate: float) -> None:
    centre = Centre(rate).calls(rate, 200_000 / rate if rate > 0.2 else 4 * WEEK)
    assert centre.changes == []


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seed", range(5))
def test_a_flood_of_thirty_times_the_usual_is_a_siege_within_half_a_minute(rate: float, seed: int) -> None:
    centre = Centre(rate).calls(rate, HOUR, seed)
    began = centre.now
    centre.calls(31 * rate, 60.0, seed)
    assert centre.level is Level.SIEGE
    # At the floor hardly a hundred calls come in half a minute.
    assert centre.changes[-1].since - began <= (30.0 if rate > CONFIG.floor.per_second else 45.0)
    assert centre.changes[-1].by == "arrivals"


def test_the_level_falls_a_step_at_a_time_after_calm() -> None:
    centre = Centre(0.5).calls(0.5, HOUR).calls(15.0, 600.0)
    ended = centre.now
    centre.calls(0.5, 2 * HOUR)
    falls = [change for change in centre.changes if ORDER.index(change.level) < ORDER.index(change.was)]
    assert [(change.was, change.level) for change in falls] == [
        (Level.SIEGE, Level.ELEVATED),
        (Level.ELEVATED, Level.NORMAL),
    ]
    assert falls[0].since - ended >= CONFIG.calm
    assert falls[1].since - falls[0].since >= CONFIG.calm
    assert falls[1].since - ended <= 3 * CONFIG.calm


def test_an_attack_that_ends_in_silence_ends() -> None:
    centre = Centre(0.5).calls(0.5, HOUR).calls(15.0, 600.0).silence(3 * CONFIG.calm)
    assert centre.level is Level.NORMAL


@pytest.mark.parametrize("pause", [0.3, 0.8])
def test_pulses_stay_in_siege(pause: float) -> None:
    centre = Centre(0.5).calls(0.5, HOUR).calls(15.0, 60.0)
    for n in range(12):
        centre.calls(0.5, pause * CONFIG.calm, n).calls(15.0, 60.0, n)
        assert centre.level is Level.SIEGE
    assert [change.level for change in centre.changes] in ([Level.ELEVATED, Level.SIEGE], [Level.SIEGE])


def test_four_times_the_usual_is_suspect_and_no_siege() -> None:
    centre = Centre(1.0).calls(1.0, HOUR).calls(4.0, 600.0)
    assert centre.level is Level.ELEVATED


class Keeper:
    """The keeper under a rate of one call a second."""

    def __init__(self, fixed: Level | None = None) -> None:
        self.keeper = LevelKeeper(CONFIG, fixed, START)
        self.at = START

    def flood(self, seconds: float = 60.0) -> Level:
        for n in range(round(seconds * 30)):
            self.keeper.arrived(round((self.at + n / 30) * SECOND), self.at + n / 30, 1.0)
        self.at += seconds
        return self.keeper.level

    def wait(self, seconds: float) -> Level:
        self.at += seconds
        self.keeper.quiet(round(self.at * SECOND), self.at, 1.0)
        return self.keeper.level


@pytest.mark.parametrize("level", Level)
def test_a_persons_word_wins_and_ends(level: Level) -> None:
    centre = Keeper()
    centre.keeper.set(Override(level, centre.at + 600.0, "anna", "drill"), centre.at)
    assert centre.keeper.level is level
    assert centre.flood(30.0) is level
    assert centre.wait(569.0) is level
    assert centre.flood(30.0) is Level.SIEGE
    assert centre.keeper.override is None


def test_a_persons_word_holds_until_it_is_taken_back() -> None:
    centre = Keeper()
    centre.keeper.set(Override(Level.SIEGE, 0.0, "anna", ""), centre.at)
    assert centre.wait(9 * WEEK) is Level.SIEGE
    assert (centre.keeper.change.by, centre.keeper.change.why) == ("anna", "set by hand")
    centre.keeper.set(None, centre.at)
    assert centre.keeper.level is Level.NORMAL
    assert centre.keeper.change.by == "anna"


def test_a_persons_word_ends_in_silence_too() -> None:
    centre = Keeper()
    centre.keeper.set(Override(Level.SIEGE, centre.at + 60.0, "anna", ""), centre.at)
    assert centre.wait(59.0) is Level.SIEGE
    assert centre.wait(1.0) is Level.NORMAL


def test_the_configurations_word_wins_over_arrivals_and_a_persons_over_both() -> None:
    centre = Keeper(fixed=Level.ELEVATED)
    assert centre.flood() is Level.ELEVATED
    levels = []
    for word in (Override(Level.NORMAL, 0.0, "anna", ""), None):
        centre.keeper.set(word, centre.at)
        levels.append(centre.keeper.level)
    centre.keeper.configure(CONFIG, None, centre.at)
    assert [*levels, centre.keeper.level] == [Level.NORMAL, Level.ELEVATED, Level.SIEGE]


def test_taking_back_what_nobody_said_changes_nothing() -> None:
    centre = Keeper()
    before = centre.keeper.change
    centre.keeper.set(None, centre.at)
    assert centre.keeper.change is before


steps = st.lists(
    st.one_of(
        st.tuples(st.just("calls"), st.integers(1, 200)),
        st.tuples(st.just("wait"), st.integers(0, 2000)),
        st.tuples(st.just("clock"), st.integers(-100_000, 100_000)),
    ),
    max_size=30,
)


@given(steps)
def test_each_change_begins_where_the_last_ended_and_down_is_one_step(found: list[tuple[str, int]]) -> None:
    """Whatever the wall clock does."""
    keeper = LevelKeeper(CONFIG, None, START)
    changes = [keeper.change]
    keeper.on_change = changes.append
    ticks, wall = 0, START
    for what, much in found:
        if what == "calls":
            for _ in range(much):
                assert keeper.arrived(ticks, wall, 0.2) is keeper.level
        elif what == "wait":
            ticks, wall = ticks + much * SECOND, wall + much
            keeper.quiet(ticks, wall, 0.2)
        else:
            wall += much
    assert changes[-1].level is keeper.level
    for before, after in pairwise(changes):
        assert before.level is after.was is not after.level
        assert ORDER.index(after.was) - ORDER.index(after.level) <= 1
    assert all(
        0.0 <= beyond <= leak.most for beyond, leak in zip(keeper.beyond, (CONFIG.elevated, CONFIG.siege), strict=True)
    )


def test_a_clock_set_back_ends_no_siege_early() -> None:
    centre = Keeper()
    centre.flood()
    for n in range(60):
        at = centre.at + n
        centre.keeper.quiet(round(at * SECOND), at - DAY, 1.0)
    assert centre.keeper.level is Level.SIEGE
