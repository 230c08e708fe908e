"""Both tables against the law in rational numbers: any rate, cost, gap and clock."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.base.buckets import Buckets, Limit
from tests.base.buckets_both import BOTH

DAY = 86_400 * 10**9
SEED = bytes(range(16))
BIG = 2**62

both = pytest.mark.parametrize("table", BOTH, ids=["compiled", "pure"])
limits = st.builds(
    Limit,
    st.one_of(st.integers(10_000, DAY), st.sampled_from([1, 7, 10_000, 10**9, DAY])),  # 1/day … 100,000/s, and over
    st.integers(1, 40_000),
    st.integers(0, 10_000),
)
gaps = st.one_of(st.just(0), st.integers(-10 * DAY, 10 * DAY), st.integers(-100, 10**6), st.just(BIG), st.just(-BIG))
costs = st.one_of(st.just(1), st.integers(0, 100_000), st.integers(2**31, 2**80))
takes = st.lists(st.tuples(gaps, costs), min_size=1, max_size=30)


class Model:
    """The law as `Buckets` states it, without any rounding."""

    def __init__(self, limit: Limit) -> None:
        self.limit, self.level, self.latest = limit, Fraction(0), 0

    def take(self, now: int, cost: int) -> Fraction:
        level = self.level_at(now)
        self.latest = max(self.latest, min(now, BIG))
        self.level = min(level + cost, Fraction(self.limit.burst + self.limit.overdraft))
        return self.limit.burst - (level + cost)

    def level_at(self, now: int) -> Fraction:
        gone = max(0, min(now, BIG) - self.latest)
        return max(Fraction(0), self.level - Fraction(gone, self.limit.interval_ns))


def agree(got: float, exact: Fraction) -> bool:
    """The sign to the letter, the size but for two roundings of a 53-bit number."""
    return (got < 0) == (exact < 0) and (got == 0) == (exact == 0) and abs(Fraction(got) - exact) <= abs(exact) / 2**51


@both
@given(limit=limits, steps=takes, start=st.integers(0, 2 * 10**18))
@settings(max_examples=300, deadline=None)
def test_every_take_is_the_law(table: type[Buckets], limit: Limit, steps: list[tuple[int, int]], start: int) -> None:
    buckets, model, now = table(10, [limit], seed=SEED), Model(limit), start
    for gap, wanted in steps:
        now += gap
        cost = min(wanted, BIG)
        assert agree(buckets.peek(0, "+16515550100", now), limit.burst - model.level_at(now))
        assert agree(buckets.take(0, "+16515550100", now, cost), model.take(now, cost))


@both
def test_burst_then_one_a_interval(table: type[Buckets]) -> None:
    buckets = table(10, [Limit(10, 3)])
    assert [buckets.take(0, "a", 100) for _ in range(5)] == [2, 1, 0, -1, -1]
    assert buckets.take(0, "a", 105) == -0.5
    assert buckets.take(0, "a", 125) == 1, "two of the three came back"
    assert buckets.take(0, "a", 10_000) == 2


@both
def test_overdraft_bounds_recovery(table: type[Buckets]) -> None:
    buckets = table(10, [Limit(10, 3, overdraft=4)])
    for _ in range(1_000):
        buckets.take(0, "robot", 0)
    assert buckets.peek(0, "robot", 0) == -4
    assert buckets.peek(0, "robot", 40) == 0
    assert buckets.peek(0, "robot", 70) == 3


@both
def test_what_others_took_lifts_and_never_forgives(table: type[Buckets]) -> None:
    buckets = table(10, [Limit(10, 3, overdraft=1)])
    buckets.lift(0, "a", 0, 15)
    assert buckets.take(0, "a", 0) == 0.5
    buckets.lift(0, "a", 0, 15)
    assert buckets.peek(0, "a", 0) == 0.5, "less than is known here says nothing"
    buckets.lift(0, "a", 0, 10**6)
    assert buckets.peek(0, "a", 0) == -1, "and nobody is lifted over the deepest debt"
    buckets.lift(0, "b", 0, 0)
    assert buckets.stats().used == 1


@both
def test_a_clock_that_steps_back_stands_still(table: type[Buckets]) -> None:
    buckets = table(10, [Limit(10, 3)])
    buckets.take(0, "a", 1_000)
    assert buckets.take(0, "a", 5) == 1, "nothing comes back and nothing is lost"
    assert buckets.take(0, "new", 5) == 2
    assert buckets.peek(0, "a", 1_010) == 2, "time already given is not given again"


@both
def test_same_key_of_two_kinds_is_two_buckets(table: type[Buckets]) -> None:
    buckets = table(10, [Limit(10, 3), Limit(10, 5)])
    assert (buckets.take(0, "a", 0), buckets.take(1, "a", 0)) == (2, 4)


@both
def test_take_all_takes_each_and_skips_none(table: type[Buckets]) -> None:
    buckets = table(10, [Limit(10, 3), Limit(10, 5), Limit(10, 7)])
    left = buckets.take_all(["a", None, "b"], 0)
    assert (left[0], left[2]) == (2, 6)
    assert left[1] != left[1], "nan"
    assert buckets.take_all(("a",), 0) == (1,)
    assert buckets.peek(1, "a", 0) == 5


@both
def test_new_limits_keep_debts_in_time_up_to_what_they_allow(table: type[Buckets]) -> None:
    buckets = table(10, [Limit(100, 3)])
    for _ in range(3):
        buckets.take(0, "a", 0)
    buckets.set_limits([Limit(100, 5), Limit(1, 1)])
    assert buckets.peek(0, "a", 0) == 2
    buckets.set_limits([Limit(10, 2, overdraft=1)])
    assert buckets.peek(0, "a", 0) == -1
    assert buckets.take(0, "a", 0) == -2, "one more than the deepest debt"
    with pytest.raises(IndexError, match="kind 1: this table has 1 limits"):
        buckets.take(1, "a", 0)


@both
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0, "a", 0, -1), ValueError),
        ((0, "a", 0, -(2**80)), ValueError),
        ((1, "a", 0), IndexError),
        ((-1, "a", 0), IndexError),
        ((0, b"a", 0), TypeError),
        ((0, None, 0), TypeError),
        ((0, "a", 1.5), (TypeError, AttributeError)),
    ],
)
def test_wrong_arguments_are_refused(table: type[Buckets], arguments: tuple[int, str, int], error: type) -> None:
    buckets = table(10, [Limit(10, 3)])
    with pytest.raises(error):
        buckets.take(*arguments)
    assert buckets.stats().used == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1), "interval_ns = 0: give a whole number from 1 on"),
        ((1.0, 1), "interval_ns = 1.0"),
        ((1, 0), "burst = 0"),
        ((1, 1, -1), "overdraft = -1"),
        ((DAY, 60_000), "over 146 years"),
    ],
)
def test_limits_out_of_range_name_the_field(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Limit(*arguments)


@both
def test_capacity_and_seed_are_checked(table: type[Buckets]) -> None:
    with pytest.raises(ValueError, match="capacity = 0"):
        table(0, [])
    with pytest.raises(ValueError, match="seed of 3 bytes"):
        table(1, [], seed=b"abc")
    with pytest.raises(ValueError, match="65 limits"):
        table(1, [Limit(1, 1)] * 65)
