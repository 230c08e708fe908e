"""A caller of the same exchange as the dialled number: forged to look local. Real neighbours do so too: weak."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams


class Neighbour(Signal[SignalParams]):
    """All but the last four digits are the dialled number's own."""

    name = "neighbour"
    group = "number"
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        caller, dialled = call.caller.e164, call.dialled.e164
        if len(caller) == len(dialled) > 8 and dialled.startswith(caller[:-4]) and caller != dialled:
            return Finding(1.0, "of the same block as the dialled number")
        return None
