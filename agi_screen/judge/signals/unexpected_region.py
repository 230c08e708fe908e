"""A caller of an area that hardly ever calls here, by configuration or by what was learned."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams

Prefix = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{0,14}$")]


class RegionParams(SignalParams):
    """`served`: prefixes whose callers are expected (`["+1612", "+44"]`); empty: areas that bring `share` or more."""

    served: list[Prefix]
    share: Annotated[float, Field(ge=0, le=1)]


class UnexpectedRegion(Signal[RegionParams]):
    """People move and keep their numbers: weak, and alone it challenges only in a siege."""

    name = "unexpected_region"
    group = "number"
    Params = RegionParams

    def __init__(self, params: RegionParams) -> None:
        super().__init__(params)
        self._served = tuple(params.served)

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        number = call.caller.e164
        if not number or facts.caller.known:
            return None
        if self._served:
            return None if number.startswith(self._served) else Finding(1.0, "not of an area served here")
        if 0.0 <= facts.block.share < self.params.share:
            return Finding(1.0, "of an area that hardly ever calls")
        return None
