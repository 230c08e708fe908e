"""Blocks and sequential runs: found where a machine counts, not where people's numbers happen to stand together."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.what_if.investigate.blocks import DEPTHS, blocks, distinct_callers
from agi_screen.what_if.investigate.numbers import block_text, masked
from tests.what_if.investigate.conftest import columns_of

BLOCK = 16_515_550_000


def test_a_dialler_that_counts_is_a_run() -> None:
    counted = [(f"+{BLOCK + 8_000 + 2 * n}", float(n)) for n in range(40)]
    strewn = [(f"+{12_125_550_000 + 10_000_000 * n}", float(n)) for n in range(40)]
    found = distinct_callers(columns_of(counted + strewn))
    (run,) = found.runs
    assert (run.low, run.high, run.callers, run.rising) == (BLOCK + 8_000, BLOCK + 8_078, 40, 1.0)
    assert found.in_run.sum() == 40


def test_a_whole_block_dialled_in_order_is_a_run() -> None:
    found = distinct_callers(columns_of([(f"+{BLOCK + n}", float(-n)) for n in range(9_999, -1, -1)]))
    assert [(run.callers, run.rising) for run in found.runs] == [(10_000, 0.0)]


@pytest.mark.parametrize("filled", [200, 2_000, 9_000])
def test_numbers_strewn_over_a_block_are_none(filled: int) -> None:
    rng = Random(filled)
    numbers = rng.sample(range(10_000), filled)
    found = distinct_callers(columns_of([(f"+{BLOCK + n}", float(at)) for at, n in enumerate(numbers)]))
    assert found.runs == ()


CALLERS = st.one_of(
    st.integers(0, 40).map(lambda n: f"+{BLOCK + n}"),
    st.integers(10**7, 10**15 - 1).map(lambda n: f"+{n}"),
    st.sampled_from(["anonymous", "", "=cmd()", "+0123", "+", "+12a"]),
)


@given(st.lists(st.tuples(CALLERS, st.floats(0, 1e6)), min_size=1, max_size=80))
@settings(deadline=None)
def test_counts_add_up_at_every_depth(calls: list[tuple[str, float]]) -> None:
    calls.sort(key=lambda call: call[1])
    columns = columns_of(calls)
    callers = distinct_callers(columns)
    real = [caller for caller, _ in calls if caller[1:].isdecimal() and caller[1] != "0"]
    assert len(callers.number) == len(set(real))
    for open_digits in DEPTHS.values():
        found = blocks(columns, callers, open_digits)
        assert sum(block.calls for block in found) == len(real)
        assert sum(block.callers for block in found) == len(set(real))
        assert all(sum(block.by_verdict) == block.calls >= block.callers >= block.in_runs for block in found)


def test_texts() -> None:
    assert block_text(1651555, 4) == "1651555xxxx"
    assert masked("+16515551234") == "+1651555xxxx"
    assert masked("16.51-555-12 34 ext") == "16.51-555-xx xx ext"
    assert masked("anonymous 42") == "anonymous 42"
