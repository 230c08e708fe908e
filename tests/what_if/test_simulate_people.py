"""Simulated people call as the measured ones: how many, and how soon the same person again."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from random import Random
from typing import Any

import pytest

from agi_screen.what_if.simulate.measured import measured
from agi_screen.what_if.simulate.people import People
from agi_screen.what_if.simulate.run import simulated
from agi_screen.what_if.simulate.scenario import read_scenario
from agi_screen.what_if.simulate.screening import Unscreened
from agi_screen.what_if.simulate.warmup import Warmup
from tests.what_if.small import result, scenario

TEN_MINUTES = 600.0


class Listening(Unscreened):
    """Notes who calls when."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.heard: list[tuple[float, str]] = []

    def arrives(self, at: float, number: str, trunk: str, attestation: str) -> Any:
        self.heard.append((at, number))
        return super().arrives(at, number, trunk, attestation)


@pytest.fixture(scope="module")
def heard() -> list[tuple[float, str]]:
    """Three weeks of calls without a queue, in order."""
    listening = Listening()
    normal = read_scenario("normal_week")
    Warmup(normal, People(normal, Random(1)), listening, Random(2)).run()
    return listening.heard


def test_volume_is_the_measured_one(heard: list[tuple[float, str]]) -> None:
    assert heard == sorted(heard, key=lambda call: call[0])
    assert len(heard) / 3 == pytest.approx(sum(map(sum, measured().week)), rel=0.1)


def test_same_person_calls_again_as_soon_as_measured(heard: list[tuple[float, str]]) -> None:
    """Of identified customers' calls 7.4, 0.71 and 0.11 % were the second, third, fourth or later in ten minutes."""
    recent: defaultdict[str, deque[float]] = defaultdict(deque)
    counts: Counter[int] = Counter()
    shown = [call for call in heard if call[1] != "anonymous"]
    for at, number in shown:
        row = recent[number]
        while row and at - row[0] > TEN_MINUTES:
            row.popleft()
        row.append(at)
        for k in range(2, len(row) + 1):
            counts[k] += 1
    assert counts[2] / len(shown) == pytest.approx(0.074, rel=0.2)
    assert counts[3] / len(shown) == pytest.approx(0.0071, rel=0.4)
    assert 0.0003 < counts[4] / len(shown) < 0.0025


def test_withheld_and_local_numbers_are_as_many_as_said(heard: list[tuple[float, str]]) -> None:
    numbers = {number for _, number in heard} - {"anonymous"}
    areas = read_scenario("normal_week").people.areas
    local = sum(number[2:5] in areas for number in numbers)
    assert local / len(numbers) == pytest.approx(0.85, abs=0.03)
    assert sum(number == "anonymous" for _, number in heard) / len(heard) == pytest.approx(0.04, abs=0.02)


def test_who_hears_a_busy_tone_calls_again() -> None:
    one_line = scenario(centre={"operators": 1, "lines": 1}, people={"hours": [60], "busy_redial": 1.0})
    patient = scenario(centre={"operators": 1, "lines": 1}, people={"hours": [60], "busy_redial": 0.0})
    assert result(one_line).figures["people_calls"] > 1.5 * result(patient).figures["people_calls"]


def test_crowd_multiplies_the_calls() -> None:
    crowd = {"start": "0m", "duration": "30m", "times": 8}
    usual = scenario(people={"again": False})
    crowded = usual.model_copy(update={"crowd": scenario(crowd=crowd).crowd})
    few, many = (simulated(one, 1, "unscreened")[0].people.calls for one in (usual, crowded))
    assert many > 4 * few
