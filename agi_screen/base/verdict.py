"""What the judge says of a call, and on what grounds."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """The words of `SCREEN_VERDICT`."""

    ALLOW = "allow"
    CHALLENGE = "challenge"
    REJECT = "reject"
    DIVERT = "divert"


class Level(StrEnum):
    """How hard the place is under attack; each has its own thresholds."""

    NORMAL = "normal"
    ELEVATED = "elevated"
    SIEGE = "siege"


class CaptchaResult(StrEnum):
    """The words of `SCREEN_CAPTCHA`."""

    PASSED = "passed"
    FAILED = "failed"
    HUNGUP = "hungup"
    SKIPPED = "skipped"


class Evidence(NamedTuple):
    """What one signal saw. `points` is -1..1, `score` = weight x points after the cap of its group."""

    signal: str
    points: float
    score: float
    reason: str


def _weakness(evidence: Evidence) -> float:
    return -abs(evidence[2])


class Decision(NamedTuple):
    """The verdict of one call. `final` says that a list, a pass or the mode ended the judging, and which.

    `first`: in a siege this caller goes first, being known, or having passed a CAPTCHA before.
    """

    verdict: Verdict
    score: float
    level: Level
    evidence: tuple[Evidence, ...] = ()
    final: str = ""
    first: bool = False

    @property
    def reasons(self) -> str:
        """`SCREEN_REASONS`: what ended the judging, then signals with their points, strongest first."""
        if not self.evidence:
            return self.final
        scored = self.evidence if len(self.evidence) == 1 else sorted(self.evidence, key=_weakness)
        parts = [f"{signal}:{score:.2f}" for signal, _, score, _ in scored if score]
        return ";".join([self.final, *parts] if self.final else parts)


class Outcome(NamedTuple):
    """What the dialplan is told at the end: `verdict` differs from the judge's after a CAPTCHA or a fault.

    Of a CAPTCHA: `way`, the way on of who did not pass; `asked`, its questions and how each ended; `conduct`, what the
    signals made of the caller's behaviour in it; `took`, its seconds.
    """

    verdict: Verdict
    captcha: CaptchaResult = CaptchaResult.SKIPPED
    error: str = ""
    way: str = ""
    asked: str = ""
    conduct: tuple[Evidence, ...] = ()
    took: float = 0.0
