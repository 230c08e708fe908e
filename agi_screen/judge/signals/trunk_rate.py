"""A trunk that brings far more strangers than its learned share: the way an attack comes in."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class TrunkRate(Signal[SignalParams]):
    """Tells the attacked trunk's callers from the others'. With one trunk it says what `surge` says."""

    name = "trunk_rate"
    group = "surge"
    reads = Reads.SURGES
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        strength = facts.surges.trunk
        if strength <= 0.0 or facts.caller.known:
            return None
        return Finding(strength, "this trunk brings far more than usual")
