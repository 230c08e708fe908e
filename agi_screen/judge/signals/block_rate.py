"""A number block that sends many more calls than its learned share of normal traffic."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`full`: at so many times the limit of its depth ([blocks]) the signal speaks at its full weight."""

    full: Annotated[float, Field(gt=1)]


class BlockRate(Signal[Params]):
    """Robots that take their numbers from a few blocks: no number repeats, the block does."""

    name = "block_rate"
    group = "rate"
    reads = Reads.BLOCK
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        if facts.caller.known and not facts.surges.known:  # somebody forges this caller's neighbours
            return None
        block = facts.block
        if block.over <= 1.0:
            return None
        points = min(1.0, (block.over - 1.0) / (self.params.full - 1.0))
        seen = f"{block.calls:.0f} calls in 5 min from its first {block.digits} digits, usual {block.usual:.1f}"
        return Finding(points, seen)
