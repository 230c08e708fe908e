"""What holds in every simulated centre, whatever comes: each call has one end, lines are never over the limit."""

from __future__ import annotations

from itertools import islice
from math import isnan
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.base.call import NumberKind
from agi_screen.base.numbers import NumberPlan
from agi_screen.what_if.simulate.attacks import AnyAttack, Target
from agi_screen.what_if.simulate.outcome import End
from agi_screen.what_if.simulate.run import Mode, simulated
from tests.what_if.small import attack, result, scenario

KINDS = ("hammer", "rotating_pool", "sequential", "random", "neighbour", "customers", "bought", "anonymous")
TARGET = Target(dialled="+16512150100", areas=("651", "612"), customers=("+16122150101", "+16512150177"))


@settings(max_examples=25, deadline=None)
@given(
    operators=st.integers(1, 8),
    lines=st.integers(1, 40),
    kinds=st.lists(st.sampled_from(KINDS), max_size=2),
    mode=st.sampled_from(["unscreened", "screened", "normal"]),
    seed=st.integers(0, 1000),
    people=st.integers(0, 300),
    weeks=st.integers(0, 1),
)
def test_every_call_has_one_end(
    operators: int, lines: int, kinds: list[str], mode: Mode, seed: int, people: int, weeks: int
) -> None:
    centre = {"operators": operators, "lines": lines}
    attacks = [attack(kind, calls=150) for kind in kinds]
    found = scenario(centre=centre, people={"hours": [people]}, attack=attacks, warmup={"weeks": weeks})
    outcome, model = simulated(found, seed, mode)
    for tally in (outcome.people, *outcome.robots.values()):
        assert sum(tally.ends.values()) == tally.calls
        assert tally.screened == tally.calls - tally.ends[End.BUSY]
        assert tally.queued == tally.ends[End.ABANDONED] + tally.ends[End.SERVED]
    assert outcome.robots[True].calls + outcome.robots[False].calls == (150 * len(kinds) if mode != "normal" else 0)
    assert 0 <= outcome.most_lines <= lines
    assert (model.lines, model.busy_operators, model.waiting) == (0, 0, 0)


def test_same_seed_same_run_and_another_seed_another() -> None:
    flooded = scenario(attack=[attack("random"), attack("rotating_pool")], callbacks={"bursts": 1, "owners": 0.01})
    first, again, other = result(flooded, 1), result(flooded, 1), result(flooded, 2)
    assert repr(first.figures) == repr(again.figures)
    assert first.timeline == again.timeline
    assert repr(first.figures) != repr(other.figures)


def test_people_come_at_the_same_moments_with_and_without_screening() -> None:
    quiet = {"again": False}
    flooded = scenario(people=quiet, attack=[attack("random")])
    people = [result(flooded, 3, mode).timeline.counts["people"] for mode in ("unscreened", "screened", "normal")]
    assert people[0] == people[1] == people[2]


def test_unscreened_robots_take_operators_time() -> None:
    flooded = scenario(attack=[attack("random")])
    assert result(flooded, mode="unscreened").figures["operator_hours_lost"] > 0.2
    assert isnan(result(flooded, mode="unscreened").figures["to_siege"])


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_of_the_plan_and_repeat_as_the_kind_says(kind: str) -> None:
    one = scenario(attack=[attack(kind)]).attack[0]
    assert isinstance(one, AnyAttack)
    numbers = list(islice(one.numbers(Random(1), TARGET), 3000))
    assert (len(set(numbers)) < 3000) == one.repeats
    plan = NumberPlan("US", 1)
    kinds = {plan.number(number).kind for number in numbers}
    assert kinds == {NumberKind.ANONYMOUS if kind == "anonymous" else NumberKind.VALID}


@given(seed=st.integers(), calls=st.integers(1, 500), even=st.booleans(), pulses=st.booleans())
def test_times_are_in_order_and_within_the_attack(seed: int, calls: int, even: bool, pulses: bool) -> None:
    more = {"on": "1m", "off": "2m"} if pulses else {}
    one = scenario(attack=[attack("hammer", calls, rhythm="even" if even else "poisson", **more)]).attack[0]
    times = one.times(Random(seed))
    assert len(times) == calls
    assert times == sorted(times)
    assert all(300 <= at <= 1500 for at in times)
    if pulses:
        assert all((at - 300) % 180 <= 60 + 1e-6 for at in times)
