"""What screening must reach in the shipped scenarios, and whether it did: told of the mean over seeds."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from typing import NamedTuple

from agi_screen.what_if.simulate.measures import MEASURES, Format
from agi_screen.what_if.simulate.report import Report

NUMBERS_ALIKE = frozenset({"spoofed_customers", "attested_bought"})  # the number itself tells nothing
# Attacks whose numbers tell them apart from people: by rate, block or order.
TOLD_APART = frozenset({"hammer", "rotating_pool", "sequential_blocks", "anonymous_flood", "attested_bought"})


class Goal(NamedTuple):
    """One line: what was measured, the most it may be, and whether it is met."""

    scenario: str
    title: str
    found: str
    most: str
    met: bool


def goals(reports: Iterable[Report]) -> list[Goal]:
    """Those that apply to each report."""
    return [goal for report in reports for goal in _of(report)]


def _of(report: Report) -> Iterable[Goal]:
    name = report.scenario.name
    for measure, most in _bounds(report).items():
        found = report.modes.get("screened", {}).get(measure)
        if found is not None and not isnan(found.mean):
            yield _goal(name, MEASURES[measure].title, found.mean, most, MEASURES[measure].shown)
    ratio = report.ratios.get("wait, screened / normal")
    if name == "mnsure" and ratio is not None:
        yield _goal(name, "wait, screened / normal", ratio.mean, 1.2, _times)


def _bounds(report: Report) -> dict[str, float]:
    name, bounds = report.scenario.name, {"people_rejected": 0.001, "known_challenged_again": 0.0}
    if report.scenario.attack:
        bounds["robots_served"] = 0.03 if name in NUMBERS_ALIKE else 0.01
    if name == "normal_week":
        bounds |= {"people_challenged": 0.003, "false_sieges": 0.0}
    elif name in TOLD_APART:
        bounds["people_challenged"] = 0.25
    if name == "mnsure":
        bounds["to_siege"] = 30.0
    return bounds


def _times(value: float) -> str:
    return f"{value:.2f}"


def _goal(scenario: str, title: str, found: float, most: float, form: Format) -> Goal:
    return Goal(scenario, title, form(found), form(most), found <= most)


HEADS = ("scenario", "goal", "found", "at most", "")


def goal_rows(found: Iterable[Goal]) -> Iterable[tuple[str, ...]]:
    """For a table."""
    for goal in found:
        yield goal.scenario, goal.title, goal.found, goal.most, "met" if goal.met else "missed"
