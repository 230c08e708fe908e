"""Without screening, patience and redials the centre is M/M/c: Erlang C says what must come out."""

from __future__ import annotations

from math import factorial

import pytest

from agi_screen.what_if.simulate.measured import measured
from agi_screen.what_if.simulate.statistics import interval
from tests.what_if.small import result, scenario


def erlang_c_wait(calls_an_hour: float, talk: float, operators: int) -> float:
    """Mean wait of all, seconds."""
    load = calls_an_hour / 3600 * talk
    busy = load**operators / factorial(operators) * operators / (operators - load)
    waits = busy / (sum(load**k / factorial(k) for k in range(operators)) + busy)
    return waits * talk / (operators - load)


@pytest.mark.parametrize(("operators", "load"), [(1, 0.5), (3, 0.7), (10, 0.8)])
def test_waits_are_erlang_s(operators: int, load: float) -> None:
    talk = measured().mean_talk
    rate = 3600 * operators * load / talk
    centre = {"operators": operators, "lines": 20_000, "talk": "exponential", "menu_time": "0s"}
    people = {"hours": [rate] * 120, "patience": False, "again": False, "vary": False}
    steady = scenario(duration="120h", centre=centre, people=people)
    found = interval(result(steady, seed, "normal").figures["people_wait"] for seed in range(1, 9))
    assert found.mean == pytest.approx(erlang_c_wait(rate, talk, operators), rel=0.06, abs=2 * found.half)
