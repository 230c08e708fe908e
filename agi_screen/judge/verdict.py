"""Score → verdict by the thresholds of the level in force."""

from __future__ import annotations

from agi_screen.base.config import Thresholds
from agi_screen.base.verdict import Verdict

ALLOW, CHALLENGE, REJECT = Verdict.ALLOW, Verdict.CHALLENGE, Verdict.REJECT


def verdict(score: float, own: float, thresholds: Thresholds) -> Verdict:
    """The hardest verdict whose threshold the score reaches. Only what is the call's `own` can reject it."""
    if own >= thresholds.reject:
        return REJECT
    if score >= thresholds.challenge:
        return CHALLENGE
    return ALLOW
