"""More calls of one number at the same time than a household or a small office makes; known through AMI."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`limit` calls at once say nothing; `full` more, everything."""

    limit: Annotated[int, Field(ge=1)]
    full: Annotated[int, Field(ge=1)]


class ConcurrentCalls(Signal[Params]):
    """A number in many places at once is no caller's identity. Without AMI nothing is counted, and this is silent."""

    name = "concurrent_calls"
    group = "identity"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        over = facts.caller.open + 1 - self.params.limit  # this call is not followed yet
        if over <= 0:
            return None
        return Finding(min(1.0, over / self.params.full), f"{facts.caller.open} other calls under way")
