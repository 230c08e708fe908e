"""A caller number that no numbering plan has. It challenges and never rejects: some emergency call-backs look so."""

from __future__ import annotations

from agi_screen.base.call import Call, NumberKind
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams


class InvalidNumber(Signal[SignalParams]):
    """Invalid, a short code from outside, or the very number that was dialled."""

    name = "invalid_number"
    group = "number"
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        if call.caller.kind is NumberKind.INVALID:
            return Finding(1.0, "not a number of any plan")
        if call.caller.kind is NumberKind.SHORT:
            return Finding(1.0, "a short code as caller")
        if call.caller.e164 and call.caller.e164 == call.dialled.e164:
            return Finding(1.0, "the dialled number as caller")
        return None
