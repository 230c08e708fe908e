"""The baseline and the leak: what is usual, learned slowly; what is beyond it, to the call."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.judge.arrivals import HOURS, STEP, Baseline, Leak
from tests.judge.calls import JSON, poisson, shaped

HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0
MONDAY = 4 * DAY  # 1970-01-05, the beginning of a week
FLOOR, START = 0.1, 0.5
Adds = list[tuple[int, int, int]]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 64), st.integers(1, 8)), max_size=50),
    st.integers(1, 16),
    st.integers(1, 256),
)
def test_the_law_of_the_leak(steps: Adds, times: int, most: int) -> None:
    """All in sixty-fourths, which floats hold exactly: against fractions, and equal to the last bit."""
    leak, model, at = Leak(float(times), float(most)), Fraction(0), 0
    for wait, rate, calls in steps:
        at += wait
        model = max(Fraction(0), model - Fraction(wait, 64) * Fraction(rate, 64) * times)
        assert leak.settle(at / 64, rate / 64) == model
        model = min(Fraction(most), model + calls)
        assert leak.add(at / 64, rate / 64, float(calls)) == model


@given(st.lists(st.floats(0, 1e6), max_size=60), st.floats(0, 100))
def test_a_leak_bears_times_in_any_order(times: list[float], rate: float) -> None:
    leak = Leak(2.0, 10.0)
    for at in times:
        assert 1.0 <= leak.add(at, rate) <= 10.0


def test_asking_a_leak_changes_nothing() -> None:
    asked, left = Leak(2.0, 10.0), Leak(2.0, 10.0)
    for n in range(5):
        asked.add(0.0, 1.0)
        left.add(0.0, 1.0)
        asked.settle(n / 8, 1.0)
    assert asked.settle(1.0, 1.0) == left.settle(1.0, 1.0)


def taught(rate: float, seconds: float, baseline: Baseline | None = None, start: float = MONDAY) -> Baseline:
    baseline = baseline or Baseline(FLOOR, START)
    for at in poisson(rate, seconds, seed=1, start=start):
        baseline.taught(at, usual=True)
    return baseline


def test_the_start_is_usual_until_an_hour_is_known() -> None:
    baseline = Baseline(FLOOR, START)
    assert baseline.rate == START
    assert taught(2.0, HOUR / 2, baseline).expected(MONDAY) == START
    assert baseline.expected(MONDAY + DAY) == START


def test_an_hour_is_known_after_an_hour() -> None:
    baseline = taught(1.0, 2 * HOUR)
    assert baseline.expected(MONDAY + HOUR / 2) == pytest.approx(1.0, rel=0.1)
    assert baseline.expected(MONDAY + DAY) == baseline.expected(MONDAY)  # guessed from another day
    assert baseline.expected(MONDAY + 12 * HOUR) == START


def test_each_hour_of_the_week_is_known_by_its_own() -> None:
    baseline = Baseline(FLOOR, START)
    for week in range(3):
        for day in range(7):
            for hour, rate in ((9, 1.0 if day < 5 else 0.2), (15, 0.5)):
                taught(rate, HOUR, baseline, MONDAY + week * WEEK + day * DAY + hour * HOUR)
    for day, expected in ((0, 1.0), (4, 1.0), (5, 0.2), (6, 0.2)):
        assert baseline.expected(MONDAY + day * DAY + 9.5 * HOUR) == pytest.approx(expected, rel=0.15)
        assert baseline.expected(MONDAY + day * DAY + 15.5 * HOUR) == pytest.approx(0.5, rel=0.15)


def test_never_under_the_floor() -> None:
    baseline = taught(0.01, 2 * DAY)
    assert baseline.expected(MONDAY) < FLOOR
    assert baseline.rate == FLOOR


def test_silence_teaches_for_a_day_at_most() -> None:
    baseline = taught(1.0, WEEK)
    baseline.taught(MONDAY + 9 * WEEK, usual=True)  # nine weeks off
    rates = [baseline.expected(MONDAY + hour * HOUR + 1) for hour in range(HOURS)]
    assert sum(rate < 0.6 for rate in rates) <= 25
    assert sum(rates) / HOURS > 0.8


def test_a_muted_step_teaches_nothing() -> None:
    baseline = taught(1.0, 2 * WEEK)
    before = baseline.keep()
    at = MONDAY + 2 * WEEK + 1.0
    for n in range(round(HOUR)):
        baseline.quiet()
        baseline.taught(at + n, usual=False)
    assert [n for n in range(HOURS) if baseline.keep()["rates"][n] != before["rates"][n]] in ([], [HOURS - 1])  # type: ignore[index]


def test_one_odd_step_moves_what_is_known_by_little() -> None:
    baseline = taught(1.0, 2 * WEEK)
    at = MONDAY + 2 * WEEK
    for n in range(round(100 * STEP)):
        baseline.taught(at + n / 100, usual=True)
    baseline.taught(at + 2 * STEP, usual=True)
    assert baseline.expected(at) < 1.2


def test_who_teaches_slowly_teaches_nonetheless() -> None:
    """A centre that grows: what is usual follows."""
    baseline = taught(1.0, 2 * WEEK)
    for week in range(2, 10):
        taught(2.0, HOUR, baseline, MONDAY + week * WEEK)
    assert 1.5 < baseline.expected(MONDAY + 1.0) < 2.2


@given(st.lists(st.tuples(st.floats(-1e7, 1e10), st.booleans()), max_size=30))
def test_clocks_that_jump_are_borne(calls: list[tuple[float, bool]]) -> None:
    baseline = Baseline(FLOOR, START)
    for at, usual in calls:
        baseline.taught(at, usual=usual)
        assert FLOOR <= baseline.rate < 10.0


def test_a_clock_set_back_an_hour_unteaches_nothing() -> None:
    baseline = taught(1.0, 2 * WEEK)
    before = baseline.expected(MONDAY + 9 * HOUR)
    baseline.taught(MONDAY + 2 * WEEK - HOUR, usual=True)
    taught(1.0, DAY, baseline, MONDAY + 2 * WEEK - HOUR)
    assert baseline.expected(MONDAY + 9 * HOUR) == pytest.approx(before, rel=0.1)


def test_new_figures_keep_what_was_learned() -> None:
    baseline = taught(1.0, 2 * DAY)
    baseline.configure(3.0, 5.0)
    assert baseline.rate == 3.0
    assert baseline.expected(MONDAY) == pytest.approx(1.0, rel=0.1)


def test_what_is_kept_can_be_taken_over() -> None:
    baseline, again = taught(1.0, DAY), Baseline(FLOOR, START)
    again.take_over(baseline.keep())
    assert again.keep() == baseline.keep()


weeks = st.lists(st.floats(0, 1e3), min_size=HOURS, max_size=HOURS) | st.just([float("nan")] * HOURS)


@given(shaped(rates=weeks, lessons=weeks), JSON)
def test_any_json_is_borne(kept: dict[str, object], other: object) -> None:
    baseline = Baseline(FLOOR, START)
    baseline.take_over(kept)
    baseline.take_over({"rates": other, "lessons": kept.get("rates")})
    for n in range(20):
        baseline.taught(MONDAY + n * STEP, usual=True)
        assert baseline.rate >= FLOOR


def test_an_hour_that_the_clock_jumped_over_is_no_silent_one() -> None:
    """Forward and back: what is usual stays as it was learned. A silent hour that really was does teach."""
    jumped, silent = taught(1.0, WEEK), taught(1.0, WEEK)
    before = jumped.keep()
    for at in (MONDAY + WEEK + HOUR, MONDAY + WEEK + 1.0):
        jumped.clock_set()
        jumped.taught(at, usual=True)
        silent.taught(at, usual=True)
    assert jumped.keep() == before
    assert silent.keep() != before
