"""Calls of one caller over its limit: the first line against a number that hammers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call, NumberKind
from agi_screen.base.units import Rate, RateLimit
from agi_screen.judge.signal import Facts, Finding, Metered, SignalParams

NAMELESS = (NumberKind.ANONYMOUS, NumberKind.ABSENT)


class Params(SignalParams):
    """`full`: calls over the limit at which the signal speaks at its full weight."""

    limit: RateLimit
    full: Annotated[int, Field(ge=1, le=1000)]


class CallerRate(Metered[Params]):
    """Redialling people come a few calls over; robots come many, so strength grows with each call over."""

    name = "caller_rate"
    group = "rate"
    Params = Params

    @property
    def rate(self) -> Rate:
        return self.params.limit

    @property
    def overdraft(self) -> int:
        return self.params.full

    def bucket(self, call: Call) -> str | None:
        # Callers without a number share no bucket: one robot that withholds its number must not speak for people.
        return None if call.caller.kind in NAMELESS else call.caller.key

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        over = -facts.tokens.get(self.name, 0.0)
        if not over > 0:  # also where the call has no bucket: not a number
            return None
        return Finding(min(1.0, over / self.params.full), f"{over:.1f} calls over the limit")
