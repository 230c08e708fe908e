"""Score → verdict by the thresholds of the level in force."""

from __future__ import annotations

from agi_screen.base.config import Thresholds
from agi_screen.base.verdict import Verdict


def verdict(score: float, thresholds: Thresholds) -> Verdict:
    """The hardest verdict whose threshold the score reaches."""
    if score >= thresholds.reject:
        return Verdict.REJECT
    if score >= thresholds.challenge:
        return Verdict.CHALLENGE
    return Verdict.ALLOW
