"""A stranger at a time when far more strangers call than usual, and nothing in their calls says why."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Surge(Signal[SignalParams]):
    """Says nothing of this call, so it challenges alone only in a siege and never helps to reject.

    Callers known here are counted apart: they are strangers only when the known ones, too, surge (forged numbers).
    """

    name = "surge"
    group = "surge"
    reads = Reads.SURGES
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        known = facts.caller.known
        strength = facts.surges.known if known else facts.surges.unknown
        if strength <= 0.0:
            return None
        return Finding(strength, f"far more {'known callers' if known else 'strangers'} than usual")
