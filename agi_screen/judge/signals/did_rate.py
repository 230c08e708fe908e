"""A dialled number (DID) that is called far more than its learned share."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class DidRate(Signal[SignalParams]):
    """Tells callers of the attacked number from those of the others."""

    name = "did_rate"
    group = "surge"
    reads = Reads.SURGES
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        strength = facts.surges.did
        if strength <= 0.0 or facts.caller.known:
            return None
        return Finding(strength, "this number is called far more than usual")
