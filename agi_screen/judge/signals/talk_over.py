"""Speech over our question: who listens is quiet, a recorded pitch runs on."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Self

from pydantic import Field, model_validator

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

LEAST = 2.0  # seconds of questions: in less, one "hello?" is much


class Params(SignalParams):
    """`begin`: up to this share of our questions anybody may speak; `full`: from this on it is no person."""

    begin: Annotated[float, Field(ge=0, lt=1)]
    full: Annotated[float, Field(gt=0, le=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.full <= self.begin:
            raise ValueError("full must be over begin")
        return self


class TalkOver(Signal[Params]):
    """Asterisk's talk detection tells it over AMI; without that the signal is silent."""

    name = "talk_over"
    group = "conduct"
    reads = Reads.CONDUCT
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        if facts.conduct is None:
            return None
        asked = sum(attempt.asked for attempt in facts.conduct.attempts)
        spoken = sum(attempt.spoken for attempt in facts.conduct.attempts)
        if not (asked >= LEAST and isfinite(asked) and isfinite(spoken)):
            return None
        begin, full = self.params.begin, self.params.full
        strength = (spoken / asked - begin) / (full - begin)
        if strength <= 0.0:
            return None
        return Finding(min(1.0, strength), f"spoke over {min(1.0, spoken / asked):.0%} of our questions")
