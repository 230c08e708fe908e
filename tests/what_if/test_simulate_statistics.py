"""Intervals, ratios and the distributions people are drawn from."""

from __future__ import annotations

from math import isnan, nan
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.what_if.simulate import dealer
from agi_screen.what_if.simulate.measured import at_quantile, measured
from agi_screen.what_if.simulate.report import ratio_of_means
from agi_screen.what_if.simulate.statistics import interval, intervals, t_975


@pytest.mark.parametrize(("freedom", "t"), [(1, 12.706), (4, 2.776), (5, 2.571), (9, 2.262), (19, 2.093), (99, 1.984)])
def test_quantiles_of_t_are_those_of_the_tables(freedom: int, t: float) -> None:
    assert t_975(freedom) == pytest.approx(t, rel=0.001)


def test_interval_of_a_known_sample() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0, 5.0, nan])
    assert found.mean == 3.0
    assert found.half == pytest.approx(1.963, abs=0.001)
    assert found.seeds == 5


def test_nothing_and_one() -> None:
    assert isnan(interval([]).mean)
    one = interval([7.0])
    assert one.mean == 7.0
    assert isnan(one.half)


def test_intervals_cover_the_true_mean_about_as_often_as_they_say() -> None:
    rng = Random(1)
    found = [interval(rng.gauss(10, 3) for _ in range(8)) for _ in range(1000)]
    assert 0.93 < fmean(one.low <= 10 <= one.high for one in found) < 0.97


def test_measures_missing_in_a_run_are_left_out_of_its_mean() -> None:
    found = intervals([{"a": 1.0}, {"a": 3.0, "b": 5.0}])
    assert found["a"].mean == 2.0
    assert found["b"].mean == 5.0


@given(factor=st.floats(0.1, 10), base=st.lists(st.floats(1, 100), min_size=2, max_size=20))
def test_ratio_of_proportional_runs_has_no_spread(factor: float, base: list[float]) -> None:
    found = ratio_of_means([factor * value for value in base], base)
    assert found.mean == pytest.approx(factor)
    assert found.half == pytest.approx(0, abs=1e-6 * factor)


def test_ratio_to_nobody_waiting_is_no_number() -> None:
    assert isnan(ratio_of_means([1.0, 2.0], [0.0, 0.0]).mean)
    assert isnan(ratio_of_means([1.0], [nan]).mean)


@given(u=st.floats(0, 1))
def test_quantiles_stay_within_their_points(u: float) -> None:
    points = (0.0, 1.0, 5.0, 100.0)
    assert 0 <= at_quantile(points, u) <= 100


def test_talks_and_patience_are_as_measured() -> None:
    rng, people = Random(1), measured()
    talks = [people.talk(rng) for _ in range(20_000)]
    assert fmean(talks) == pytest.approx(people.mean_talk, rel=0.05)
    assert fmean(talk < 10 for talk in talks) == pytest.approx(0.05, abs=0.01)
    patient = [people.patience(rng) for _ in range(20_000)]
    assert fmean(seconds < 360 for seconds in patient) == pytest.approx(0.5, abs=0.02)


@given(seed=st.integers())
def test_dealt_numbers_are_of_assigned_blocks(seed: int) -> None:
    number = dealer.number(Random(seed), ("612", "218"))
    assert number[:2] == "+1"
    assert len(number) == 12
    assert number[2:5] in ("612", "218")
    assert number[5:8] in dealer.assigned()[number[2:5]]
