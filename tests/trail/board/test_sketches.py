"""The sketches keep their promises: sizes within their error, frequent ones never hidden, rings exact."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.trail.board.distinct import Distinct
from agi_screen.trail.board.rates import Rates
from agi_screen.trail.board.top import ROOM, Frequent, Top


def numbers(first: int, count: int) -> list[str]:
    return [f"+1{2_000_000_000 + number}" for number in range(first, first + count)]


@pytest.mark.parametrize("count", [1, 10, 300, 5_000, 20_000, 100_000])
def test_distinct_within_five_sigma(count: int) -> None:
    """Five sigma of 2.3 %: Python's hash is another in each run, so that a tighter bound would fail now and then."""
    counted = Distinct()
    counted.turn(1, "today")
    counted.add(numbers(0, count))
    counted.add(numbers(0, count))  # again: nothing new
    hour = counted.state()["hour"]
    assert isinstance(hour, int)
    assert abs(hour - count) <= max(2, 0.115 * count)
    assert hour == counted.state()["today"] == counted.state()["minute"]


def test_distinct_forgets_an_hour_slice_by_slice() -> None:
    counted = Distinct()
    counted.turn(100, "today")
    counted.add(numbers(0, 1000))
    counted.turn(130, "today")
    counted.add(numbers(5000, 1000))
    assert 1700 < int(str(counted.state()["hour"])) < 2300
    counted.turn(165, "today")  # what came in minute 100 is over an hour ago
    assert 850 < int(str(counted.state()["hour"])) < 1150
    assert 1700 < int(str(counted.state()["today"])) < 2300
    counted.turn(300, "today")
    assert counted.state()["hour"] == 0


def test_distinct_of_today_begins_anew_with_the_day() -> None:
    counted = Distinct()
    counted.turn(100, "monday")
    counted.add(numbers(0, 500))
    counted.turn(101, "tuesday")
    assert counted.state()["today"] == counted.state()["minute"] == 0
    counted.add(numbers(0, 500))
    assert 400 < int(str(counted.state()["today"])) < 600
    assert 400 < int(str(counted.state()["hour"])) < 600


def test_growth_has_a_figure_for_each_minute_the_quiet_ones_too() -> None:
    counted = Distinct()
    counted.turn(10, "today")
    counted.add(numbers(0, 20))
    counted.turn(13, "today")
    counted.add(numbers(100, 5))
    counted.turn(14, "today")
    growth = counted.state()["growth"]
    assert isinstance(growth, list)
    assert growth[1:3] == [0, 0]
    assert abs(growth[0] - 20) <= 3  # two of twenty may share a place
    assert abs(growth[3] - 5) <= 1
    for minute in range(15, 200):
        counted.turn(minute, "today")
    assert len(counted.state()["growth"]) == 60  # type: ignore[arg-type]


@given(st.lists(st.lists(st.integers(0, 60).map(str), max_size=80), max_size=30))
def test_frequent_never_says_too_much_and_misses_no_more_than_it_admits(batches: list[list[str]]) -> None:
    size = 5
    counted, truth = Frequent(size), Counter[str]()
    for batch in batches:
        counted.add(batch, batch[::2])
        truth.update(batch)
        assert len(counted.counts) <= ROOM * size + len(batch)
    assert counted.short <= truth.total() / (size + 1)
    for key, count in truth.items():
        assert count - counted.short <= counted.counts[key] <= count
        assert counted.stopped[key] <= counted.counts[key]


def test_top_forgets_by_the_slice_and_stays_bounded() -> None:
    top = Top(size=10, slices=3)
    top.turn(7)
    top.add(["a"] * 5 + ["b"], ["a"])
    top.turn(8)
    top.add([*numbers(0, 5000), *["b"] * 9], [])
    assert top.first(2) == [("b", 10 - top.short, 0), ("a", 5, 1)] or top.first(1)[0][0] == "b"
    top.turn(10)
    assert "a" not in [key for key, _, _ in top.first(100)]
    top.turn(50)
    assert top.first(5) == []


def test_rates_are_exact_over_gaps() -> None:
    rates = Rates(5, 2)
    rates.turn(100)
    rates.add(100, 0)
    rates.add(102, 1, 3)
    assert rates.rows(-1, 102) == (100, [[1, 0], [0, 0], [0, 3]])
    assert rates.rows(100, 101) == (101, [[0, 0]])
    rates.turn(105)
    assert rates.sums == [0, 3]
    assert rates.rows(-1, 200)[0] == 101
    rates.turn(1000)
    assert rates.sums == [0, 0]
    assert rates.rows(990, 1000) == (996, [[0, 0]] * 5)


@given(st.lists(st.tuples(st.integers(-3, 12), st.integers(0, 2)), max_size=60))
def test_rates_sum_what_their_rows_hold(moves: list[tuple[int, int]]) -> None:
    """A step back counts at the newest: nothing is lost, and nothing is counted in the past."""
    rates, step, newest, kept = Rates(8, 3), 50, 50, list[tuple[int, int]]()
    rates.turn(step)
    for move, column in moves:
        step += move
        newest = max(newest, step)
        rates.add(step, column)
        kept.append((newest, column))
    first, rows = rates.rows(-1, newest)
    assert first == max(50, newest - 7)
    expected = Counter(column for at, column in kept if at > newest - 8)
    assert (
        rates.sums == [expected[column] for column in range(3)] == [sum(column) for column in zip(*rows, strict=True)]
    )
