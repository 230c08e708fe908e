"""Repeaters: how often and how evenly each caller called, whatever the order of the rows."""

from __future__ import annotations

import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.what_if.investigate.repeaters import LEAST_GAPS, calls_of, repeaters
from agi_screen.what_if.investigate.timeline import spacing
from tests.what_if.investigate.conftest import columns_of

CALLS = st.lists(st.tuples(st.sampled_from(["+12", "+13", "+14", "odd", "odder"]), st.integers(0, 9)), min_size=1)


@given(CALLS)
@settings(deadline=None)
def test_each_caller_s_gaps_are_its_own(calls: list[tuple[str, int]]) -> None:
    columns = columns_of([(caller, float(at)) for caller, at in calls])
    found = repeaters(columns)
    assert found.calls.sum() == len(calls)
    assert list(found.calls) == sorted(found.calls, reverse=True)
    for rank, code in enumerate(found.caller):
        mine = sorted(float(at) for caller, at in calls if caller == columns.caller_text(int(code)))
        assert list(calls_of(columns, found, rank)) == mine
        assert (found.first[rank], found.last[rank]) == (mine[0], mine[-1])
        gaps = [b - a for a, b in pairwise(mine)]
        median, variation = found.median_gap[rank], found.variation[rank]
        assert median == statistics.median(gaps) if gaps else np.isnan(median)
        if len(gaps) >= LEAST_GAPS and any(gaps):
            assert variation == pytest.approx(statistics.pstdev(gaps) / statistics.mean(gaps))
        else:
            assert np.isnan(variation)


@given(CALLS)
@settings(deadline=None)
def test_order_of_rows_does_not_matter(calls: list[tuple[str, int]]) -> None:
    def by_name(rows: list[tuple[str, int]]) -> set[tuple[str, int, str, str]]:
        columns = columns_of([(caller, float(at)) for caller, at in rows])
        found = repeaters(columns)
        each = zip(found.caller, found.calls, found.median_gap, found.variation, strict=True)
        return {(columns.caller_text(int(c)), int(n), f"{gap:.6f}", f"{v:.6f}") for c, n, gap, v in each}

    assert by_name(calls) == by_name(calls[::-1])


def test_a_timer_is_machine_regular_and_a_person_is_not() -> None:
    timer = [("+12", 30.0 * n) for n in range(20)]
    person = [("+13", at) for at in (0.0, 40.0, 50.0, 400.0, 460.0, 2000.0, 2030.0)]
    found = repeaters(columns_of(timer + person))
    assert list(found.regular) == [True, False]
    assert found.median_gap[0] == 30.0


def test_spacing_of_one_machine_and_of_chance() -> None:
    machine = columns_of([("+12", 0.5 * n) for n in range(500)])
    rng = np.random.default_rng(3)
    chance = columns_of([("+12", float(at)) for at in np.cumsum(rng.exponential(0.5, 500))])
    assert spacing(machine.started).variation < 0.01
    assert 0.85 < spacing(chance.started).variation < 1.15
    assert spacing(chance.started).found.sum() == 499
    assert spacing(chance.started).by_chance.sum() == pytest.approx(499)
