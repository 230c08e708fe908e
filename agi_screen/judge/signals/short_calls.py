"""A number whose answered calls were over within seconds, and which never talked: operators heard nobody."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`full`: so many short calls say everything."""

    full: Annotated[int, Field(ge=1)]


class ShortCalls(Signal[Params]):
    """Nine of ten answered dialler calls end within a minute; a person who once talked at length is no robot."""

    name = "short_calls"
    group = "behaviour"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history = facts.caller
        if not history.shorts or history.known:
            return None
        return Finding(min(1.0, history.shorts / self.params.full), f"{history.shorts} of {history.talks} talks short")
