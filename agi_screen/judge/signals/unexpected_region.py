"""A caller of an area that hardly ever calls here, by configuration or by what was learned."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams
from agi_screen.judge.surge import RARE

Prefix = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{0,14}$")]


class RegionParams(SignalParams):
    """`served`: prefixes whose callers are expected (`["+1612", "+44"]`); empty: areas that call now and then.

    `alone`: the strength while such areas together call as ever; it is full when they surge.
    """

    served: list[Prefix]
    alone: Annotated[float, Field(gt=0, le=1)]


class UnexpectedRegion(Signal[RegionParams]):
    """People move and keep their numbers: one such call says little. Robots that deal themselves numbers of the whole
    country, each once, show in nothing else: many such calls say much."""

    name = "unexpected_region"
    group = "number"
    Params = RegionParams

    def __init__(self, params: RegionParams) -> None:
        super().__init__(params)
        self._served = tuple(params.served)

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        number = call.caller.e164
        expected = number.startswith(self._served) if self._served else not 0.0 <= facts.block.share < RARE
        if expected or not number or facts.caller.known:
            return None
        if facts.surges.rare > 0.0:
            return Finding(1.0, "of an area that hardly ever calls, while many such do")
        return Finding(self.params.alone, "of an area that hardly ever calls")
