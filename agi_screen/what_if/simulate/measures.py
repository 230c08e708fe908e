"""The names and formats of what `simulate` shows, and the goals they are held against."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import NamedTuple

from agi_screen.what_if.simulate.statistics import Interval

Format = Callable[[float], str]


def percent(value: float) -> str:
    digits = 0 if abs(value) >= 0.995 else 1 if abs(value) >= 0.0995 else 2
    return f"{100 * value:.{digits}f} %"


def duration(value: float) -> str:
    return f"{value:.0f} s" if abs(value) < 90 else f"{value / 60:.1f} min"


def plain(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 100 and value % 1 else f"{value:,.0f}"


def hours(value: float) -> str:
    return f"{value:.2f} h" if abs(value) < 1 else f"{value:.1f} h"


class Measure(NamedTuple):
    """One row of a table."""

    title: str
    shown: Format


MEASURES = {
    "calls": Measure("calls in all", plain),
    "calls_first_hour": Measure("calls in the first hour", plain),
    "people_calls": Measure("people: calls", plain),
    "people_wait": Measure("people: wait (CAPTCHA and queue)", duration),
    "people_wait_p95": Measure("people: wait, 95th percentile", duration),
    "people_wait_answered": Measure("people: wait of those answered", duration),
    "people_to_operator": Measure("people: from the first try to an operator", duration),
    "people_busy": Measure("people: busy tone", percent),
    "people_abandoned": Measure("people: gave up in the queue", percent),
    "people_served": Measure("people: reached an operator", percent),
    "people_challenged": Measure("people: calls challenged", percent),
    "persons_challenged": Measure("people: persons ever challenged", percent),
    "people_rejected": Measure("people: calls rejected", percent),
    "people_lost_in_captcha": Measure("people: lost in the CAPTCHA", percent),
    "known_challenged": Measure("known callers challenged", plain),
    "known_challenged_again": Measure("known callers challenged more than once", plain),
    "robots_calls": Measure("robots: calls", plain),
    "robots_served": Measure("robots: reached an operator", percent),
    "robots_repeated_served": Measure("… of floods that repeat numbers", percent),
    "robots_unique_served": Measure("… of floods that never do", percent),
    "robots_queued": Measure("robots: reached the queue", percent),
    "robots_by_normal": Measure("… let in at once, level normal", percent),
    "robots_by_elevated": Measure("… let in at once, level elevated", percent),
    "robots_by_siege": Measure("… let in at once, level siege", percent),
    "robots_by_captcha": Measure("… passed the CAPTCHA", percent),
    "robots_by_captcha_full": Measure("… let in because the CAPTCHA was full", percent),
    "robots_by_pass": Measure("… let in by a pass", percent),
    "robots_busy": Measure("robots: busy tone", percent),
    "robots_challenged": Measure("robots: challenged", percent),
    "robots_rejected": Measure("robots: rejected", percent),
    "operator_hours_lost": Measure("operators' time lost to robots", hours),
    "to_elevated": Measure("first attack call to level elevated", duration),
    "to_siege": Measure("first attack call to level siege", duration),
    "false_sieges": Measure("sieges without an attack", plain),
    "most_lines": Measure("most lines in use", plain),
}
SUMMARY = {  # of many scenarios: short heads, means only
    "people_wait": "wait",
    "people_busy": "busy",
    "people_challenged": "challenged",
    "people_rejected": "rejected",
    "known_challenged_again": "known, twice",
    "robots_served": "robots through",
    "operator_hours_lost": "time lost",
    "to_siege": "to siege",
    "false_sieges": "false sieges",
}


def shown(name: str, found: Interval) -> str:
    """Mean and half the width of its interval; a dash for nothing measured."""
    if isnan(found.mean):
        return "–"
    form = MEASURES[name].shown
    return form(found.mean) if isnan(found.half) else f"{form(found.mean)} ± {form(found.half)}"


def mean(name: str, found: Interval | None) -> str:
    """The mean alone; a dash for nothing measured."""
    return "–" if found is None or isnan(found.mean) else MEASURES[name].shown(found.mean)
