"""Callers one by one: how often each called, and how evenly. A person's redials come as they come; a timer's do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agi_screen.what_if.investigate.columns import Bools, Columns, Floats, Ints

LEAST_GAPS = 5
REGULAR = 0.25  # a coefficient of variation below this; that of calls without memory is 1


@dataclass(frozen=True, slots=True)
class Repeaters:
    """Distinct callers, most calls first; `order` has all calls by caller and time, and `start` each caller's first
    place in it. `median_gap` in seconds and `variation` are NaN where there are too few gaps (one; LEAST_GAPS)."""

    caller: Ints
    calls: Ints
    first: Floats
    last: Floats
    median_gap: Floats
    variation: Floats
    order: Ints
    start: Ints

    @property
    def regular(self) -> Bools:
        """Which of them call as evenly as a machine."""
        return np.less(self.variation, REGULAR)


def repeaters(columns: Columns) -> Repeaters:
    """Every distinct caller with a number or a text of its own."""
    order = np.lexsort((columns.started, columns.caller)).astype(np.int64)
    caller, start, calls = np.unique(columns.caller[order], return_index=True, return_counts=True)
    at = columns.started[order]
    median, variation = _spacing(at, start, calls)
    most = np.lexsort((caller, -calls))
    first, last = at[start], at[start + calls - 1]
    numbers, times = (caller[most], calls[most]), (first[most], last[most])
    return Repeaters(*numbers, *times, median[most], variation[most], order, start[most])


def _spacing(at: Floats, start: Ints, calls: Ints) -> tuple[Floats, Floats]:
    """Median gap and coefficient of variation of each caller, whose calls stand together in `at`."""
    group = np.repeat(np.arange(len(start)), calls)
    inside = np.diff(group) == 0
    gap, of = np.diff(at)[inside], group[1:][inside]
    gaps = calls - 1
    total, squares = np.bincount(of, gap, len(start)), np.bincount(of, gap * gap, len(start))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / gaps
        variation = np.sqrt(np.maximum(0.0, squares / gaps - mean * mean)) / mean
    variation[(gaps < LEAST_GAPS) | (mean <= 0)] = np.nan
    return _medians(gap, of, gaps), variation


def _medians(gap: Floats, of: Ints, gaps: Ints) -> Floats:
    """The median of each group."""
    by_size = gap[np.lexsort((gap, of))]
    first = np.cumsum(gaps) - gaps
    some = gaps > 0
    median = np.full(len(gaps), np.nan)
    low, high = first[some] + (gaps[some] - 1) // 2, first[some] + gaps[some] // 2
    median[some] = (by_size[low] + by_size[high]) / 2
    return median


def calls_of(columns: Columns, found: Repeaters, rank: int) -> Floats:
    """When the caller of this rank called, in order."""
    places = found.order[found.start[rank] : found.start[rank] + found.calls[rank]]
    return columns.started[places]
