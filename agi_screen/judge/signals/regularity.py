"""Calls of one number, or of one small block, as evenly spaced as a clock: no finger dials so."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

SMALL = 4  # digits that a block leaves open, at most
MANY = 2  # a block needs so many times the gaps of a single number


class Params(SignalParams):
    """From `gaps` gaps on; `even` is the variation (deviation / mean) under which they begin to speak, half is full."""

    gaps: Annotated[int, Field(ge=3)]
    even: Annotated[float, Field(gt=0, lt=1)]


class Regularity(Signal[Params]):
    """Gaps between chance calls vary as much as their mean (1.0), a redialling person's by half, a dialler's hardly."""

    name = "regularity"
    group = "behaviour"
    reads = Reads.HISTORY | Reads.BLOCK
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history, block = facts.caller, facts.block
        if history.gaps >= self.params.gaps:
            evenness = history.evenness
            points = min(1.0, 2.0 - 2.0 * evenness / self.params.even)
            if points > 0.0:
                return Finding(points, f"{history.gaps + 1} calls every {history.gap:.0f} s, varying by {evenness:.0%}")
        small = 0 < len(call.caller.e164) - 1 - block.digits <= SMALL
        if not small or block.gaps < MANY * self.params.gaps or (history.known and not facts.surges.known):
            return None
        points = min(1.0, 2.0 - 2.0 * block.evenness / self.params.even)
        if points <= 0.0:
            return None
        return Finding(points, f"its block calls every {block.gap:.0f} s, varying by {block.evenness:.0%}")
