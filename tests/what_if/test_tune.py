"""The pieces of tuning: whose word goes first, and what a threshold keeps to."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult
from agi_screen.what_if.replay.past import PastCall, Recorded
from agi_screen.what_if.tune.labels import Who, label_calls
from agi_screen.what_if.tune.sample import Sample


def call(talk: float, captcha: CaptchaResult | None = None, label: str = "") -> PastCall:
    more = Recorded("c", "", (), captcha or CaptchaResult.SKIPPED, 0.0, label) if captcha or label else None
    return PastCall(0.0, "u", "", "1", "2", "t", inf, Disposition.TALKED, 0.0, talk, 16, more)


@pytest.mark.parametrize(
    ("past", "told", "who"),
    [
        (call(10), {}, Who.UNKNOWN),
        (call(30), {}, Who.PERSON),
        (call(0, CaptchaResult.FAILED), {}, Who.ROBOT),
        (call(0, CaptchaResult.PASSED), {}, Who.PERSON),
        (call(0, CaptchaResult.HUNGUP), {}, Who.UNKNOWN),
        (call(60, CaptchaResult.FAILED), {}, Who.PERSON),
        (call(60, label="robot"), {}, Who.ROBOT),
        (call(0, CaptchaResult.FAILED, "person"), {}, Who.PERSON),
        (call(60, label="person"), {"u": Who.ROBOT}, Who.ROBOT),
    ],
)
def test_whose_word_goes_first(past: PastCall, told: dict[str, Who], who: Who) -> None:
    assert label_calls([past], 30.0, told) == [who]


ROWS = st.lists(st.tuples(st.integers(-5, 20), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30)


@given(ROWS, st.floats(0.001, 0.5))
@hypothesis(max_examples=300)
def test_a_threshold_keeps_to_the_rate(rows: list[tuple[int, int, int]], rate: float) -> None:
    """And no threshold that keeps to it, on these calls, stops more robots."""
    scores, people, robots = (np.array(column) for column in zip(*rows, strict=True))
    count = len(rows)
    sample = Sample(np.zeros((count, 1)), np.ones(count), people, np.zeros(count, int), robots, 0.5)
    relative = scores.astype(float)
    found = sample.rates(relative, sample.threshold(relative, rate))
    assert found.people_challenged <= rate * max(1, found.people)
    for other in {float(score) for score in scores if score >= 0.5}:
        rates = sample.rates(relative, other)
        assert rates.people_challenged > rate * max(1, rates.people) or rates.robots_allowed >= found.robots_allowed
