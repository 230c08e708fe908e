"""The first sign: found in its minute, not where there is none, and against the records' own normal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.what_if.investigate.first_sign import FirstSign, Stretch, found_in, sharpened

HOUR, DAY, WEEK = 60, 1440, 10_080
MONDAY = 24_000_000 // WEEK * WEEK  # minutes since 1970


def weeks(rng: np.random.Generator, count: int, busy: float = 17.0) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Calls a minute of an office that opens at 8: the first hour twice as busy, nights almost without calls."""
    of_day = np.full(DAY, 0.05)
    of_day[8 * HOUR : 19 * HOUR] = busy
    of_day[8 * HOUR : 9 * HOUR] = 2 * busy
    return rng.poisson(np.tile(of_day, 7 * count)).astype(np.int64)


def on_last_day(counted: np.ndarray[tuple[int], np.dtype[np.int64]]) -> FirstSign:
    return found_in(counted, MONDAY, len(counted) - DAY)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(0, DAY - 90))
@settings(max_examples=40, deadline=None)
def test_a_flood_is_found_in_its_minute(seed: int, past: int, minute: int) -> None:
    rng = np.random.default_rng(seed)
    counted = weeks(rng, past + 1)
    counted[len(counted) - DAY + minute : len(counted) - DAY + minute + 60] += rng.poisson(600, 60)
    sign = on_last_day(counted)
    assert sign.start == 60.0 * (MONDAY + len(counted) - DAY + minute)
    assert abs(sign.stretches[0].excess - 36_000) < 3_000
    assert sign.stretches[0].certain - sign.stretches[0].start <= 60.0


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_a_day_like_the_others_shows_nothing(seed: int, past: int) -> None:
    assert on_last_day(weeks(np.random.default_rng(seed), past + 1)).stretches == ()


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 200.0))
@settings(max_examples=60, deadline=None)
def test_a_flat_day_without_a_past_shows_nothing(seed: int, rate: float) -> None:
    flat = np.random.default_rng(seed).poisson(rate, DAY).astype(np.int64)
    assert found_in(flat, MONDAY, 0).stretches == ()


def test_without_a_past_the_range_is_its_own_normal() -> None:
    counted = np.random.default_rng(1).poisson(5, 600).astype(np.int64)
    counted[200:260] += 100
    sign = found_in(counted, MONDAY, 0)
    assert sign.start == 60.0 * (MONDAY + 200)
    assert "the range itself" in sign.normal.how


@pytest.mark.parametrize(
    ("days", "words"), [(3, "the same hour in the 3 days before"), (15, "hour of the week in the 2 weeks before")]
)
def test_the_past_that_is_there_is_used(days: int, words: str) -> None:
    sign = found_in(np.full(DAY * (days + 1), 3, np.int64), MONDAY, DAY * days)
    assert words in sign.normal.how
    assert np.all(sign.normal.rate == 3.0)


def test_an_attack_in_one_week_of_the_past_does_not_make_it_normal() -> None:
    counted = weeks(np.random.default_rng(2), 4)
    today = len(counted) - DAY
    for start in (today, today - WEEK):
        counted[start + 600 : start + 660] += 500
    assert on_last_day(counted).start == 60.0 * (MONDAY + today + 600)


def test_pulses_are_told_apart() -> None:
    counted = np.full(600, 5, np.int64)
    for start in (100, 200, 300):
        counted[start : start + 10] = 200
    assert [s.start / 60 - MONDAY for s in found_in(counted, MONDAY, 0).stretches] == [100, 200, 300]
    assert [s.end / 60 - MONDAY for s in found_in(counted, MONDAY, 0).stretches] == [110, 210, 310]


@given(st.integers(0, 2**32 - 1), st.integers(0, 55))
@settings(deadline=None, max_examples=50)
def test_the_start_is_sharpened_to_seconds(seed: int, second: int) -> None:
    rng = np.random.default_rng(seed)
    normal = rng.uniform(0, 600, 100)
    flood = 120 + second + np.cumsum(rng.exponential(0.1, 2000))
    stretch = Stretch(120.0, 180.0, 600.0, 600, 2000, 10.0)
    assert abs(sharpened(stretch, np.sort(np.concatenate((normal, flood)))).start - (120 + second)) <= 3.0


def test_one_redialling_person_at_night_is_no_attack() -> None:
    counted = np.zeros(600, np.int64)
    counted[300:310] = 2
    assert found_in(counted, MONDAY, 0).stretches == ()
