"""The sum over many calls at once is the judge's own sum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from agi_screen.judge.score import SURGE
from agi_screen.settings import Settings
from agi_screen.what_if.replay.run import Run
from agi_screen.what_if.scoring import Scoring
from tests.what_if.made_cdr import NOON, SMALL, settings
from tests.what_if.test_replay_run import calls


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings(tmp_path_factory.mktemp("scoring"), SMALL)


@given(st.lists(calls, min_size=1, max_size=60))
@hypothesis(max_examples=40, deadline=None)
def test_what_the_judge_said_is_reckoned_again(configured: Settings, past: list[Any]) -> None:
    run = Run(configured, NOON.timestamp())
    for call in sorted(past, key=lambda call: float(call.start)):
        run.take(call)
    scoring = Scoring(configured.signals, configured.config.groups)
    points = run.trace.points(scoring.names, np.arange(len(run.trace)))
    assert np.allclose(scoring.scores(points), run.trace.scores)


def test_own_scores_leave_the_surge_out(configured: Settings) -> None:
    scoring = Scoring(configured.signals, configured.config.groups)
    points = np.ones((1, len(scoring.names)))
    caps = configured.config.groups
    own = sum(
        min(caps[g], sum(w for w, h in zip(scoring.weights, scoring.groups, strict=True) if h == g))
        for g in caps
        if g != SURGE
    )
    assert scoring.own_scores(points)[0] == pytest.approx(own)
    assert scoring.scores(points)[0] > own
