"""Calls of one number as evenly spaced as a clock: no finger dials so."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """From `gaps` gaps on; `even` is the variation (deviation / mean) under which they begin to speak, half is full."""

    gaps: Annotated[int, Field(ge=3)]
    even: Annotated[float, Field(gt=0, lt=1)]


class Regularity(Signal[Params]):
    """Gaps between chance calls vary as much as their mean (1.0), a redialling person's by half, a dialler's hardly."""

    name = "regularity"
    group = "behaviour"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history = facts.caller
        if history.gaps < self.params.gaps:
            return None
        evenness = history.evenness
        points = min(1.0, 2.0 - 2.0 * evenness / self.params.even)
        if points <= 0.0:
            return None
        return Finding(points, f"{history.gaps + 1} calls every {history.gap:.0f} s, varying by {evenness:.0%}")
