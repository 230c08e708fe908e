"""Good evidence: a person who got no operator (busy, a long wait given up) and tries again, unevenly."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.base.units import Duration
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

EVEN = 0.2  # gaps that vary less are a machine's
FEW = 3  # gaps before evenness can be seen


class Params(SignalParams):
    """`within`: the time after an unserved call in which another is expected; `most`: tries that are believed."""

    within: Duration
    most: Annotated[int, Field(ge=1)]


class Redial(Signal[Params]):
    """Grows with each unserved call, up to `most`; nothing for who failed a CAPTCHA or redials like a clock."""

    name = "redial"
    group = "behaviour"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history = facts.caller
        run = history.unserved_run
        if not 0 < run <= self.params.most or history.failed:
            return None
        if call.started - history.unserved > self.params.within:
            return None
        if history.gaps > FEW and history.evenness < EVEN:
            return None
        return Finding(-min(1.0, 0.4 + 0.2 * run), f"{run} calls before found no operator")
