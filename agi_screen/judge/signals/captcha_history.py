"""CAPTCHAs of this number before: failed ones and repeated hang-ups against it, a passed one for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.base.units import Duration
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`within`: how long it counts; `first`: strength of one failure (three are full); `passed`: of a passed one;
    `hangups`: so many hang-ups of one who did not act like a machine count as one failure."""

    within: Duration
    first: Annotated[float, Field(gt=0, le=1)]
    passed: Annotated[float, Field(ge=0, le=1)]
    hangups: Annotated[int, Field(ge=1)]


class CaptchaHistory(Signal[Params]):
    """Whoever fails is asked again at the next call, and never rejected for that alone."""

    name = "captcha_history"
    group = "behaviour"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history = facts.caller
        if not history.captcha_at or call.started - history.captcha_at > self.params.within:
            return None
        failed = history.failed + history.hungup // self.params.hangups
        if failed:
            first = self.params.first
            strength = min(1.0, first + (1.0 - first) / 2 * (failed - 1))
            return Finding(strength, f"{history.failed + history.hungup} CAPTCHAs not passed")
        doubtful = history.shorts or history.robot > history.person or facts.surges.known
        if not history.passed or doubtful or not self.params.passed:
            return None  # a number that robots use as well, perhaps: it is the pass that counts then
        return Finding(-self.params.passed, "passed a CAPTCHA")
