"""Many different numbers of one block, or one number after the other: dialling through it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

SMALL = 4  # digits that a block leaves open, at most: in an area there are always many callers


class Params(SignalParams):
    """`calm` distinct numbers of a block say nothing, `full` everything; so do `sequential` calls next to the last."""

    calm: Annotated[int, Field(ge=1)]
    full: Annotated[int, Field(ge=2, le=200)]
    sequential: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.full <= self.calm:
            raise ValueError("full must be over calm")
        return self


class DistinctCallers(Signal[Params]):
    """A company's exchange shows one number or few; a robot shows the whole block."""

    name = "distinct_callers"
    group = "rate"
    reads = Reads.BLOCK
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        if facts.caller.known and not facts.surges.known:  # somebody forges this caller's neighbours
            return None
        block = facts.block
        if not block.digits or len(call.caller.e164) - 1 - block.digits > SMALL:
            return None
        p = self.params
        many = (block.distinct - 2.0 * block.usual - p.calm) / (p.full - p.calm)
        in_a_row = (block.sequential - 1.0) / (p.sequential - 1.0)  # two neighbours may be chance
        points = min(1.0, max(many, in_a_row))
        if points <= 0.0:
            return None
        return Finding(points, f"{block.distinct:.0f} numbers of one block, {block.sequential:.0f} calls in a row")
