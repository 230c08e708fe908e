"""Keys pressed before anybody could know them: a person listens first, and is impatient once or twice."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

LEFT = 2  # questions without an answer that an early key began: nobody is there any more


class Params(SignalParams):
    """`free`: so many are an impatient person's; `full`: so many are none's; `left`: strength of one early key and
    then nothing, over two questions."""

    free: Annotated[int, Field(ge=0)]
    full: Annotated[int, Field(ge=1)]
    left: Annotated[float, Field(ge=0, le=1)]


class EarlyKeys(Signal[Params]):
    """The robots that plague call centres press one key at once, against the menu, and then play their speech."""

    name = "early_keys"
    group = "conduct"
    reads = Reads.CONDUCT
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        conduct = facts.conduct
        if conduct is None or conduct.early <= 0:
            return None
        early, params = conduct.early, self.params
        if early > params.free:
            span = max(1, params.full - params.free)
            return Finding(min(1.0, (early - params.free) / span), f"{early} keys before they could be known")
        silent = len(conduct.attempts) >= LEFT and not any(attempt.keys for attempt in conduct.attempts)
        return Finding(params.left, f"{early} early, then nothing") if silent and params.left else None
