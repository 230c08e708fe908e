"""Score → verdict by the thresholds of the level in force."""

from __future__ import annotations

from agi_screen.base.config import Thresholds
from agi_screen.base.verdict import Verdict


def verdict(score: float, own: float, thresholds: Thresholds) -> Verdict:
    """The hardest verdict whose threshold the score reaches. Only what is the call's `own` can reject it."""
    if own >= thresholds.reject:
        return Verdict.REJECT
    if score >= thresholds.challenge:
        return Verdict.CHALLENGE
    return Verdict.ALLOW
