"""Hung up at the first question without a key. People do it too, annoyed: weak, and it counts when it comes again."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class FirstHangup(Signal[SignalParams]):
    """Three of them are remembered like one failure: see `captcha_history`."""

    name = "first_hangup"
    group = "conduct"
    reads = Reads.CONDUCT
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        conduct = facts.conduct
        if conduct is None or not conduct.hung_up or len(conduct.attempts) > 1 or not conduct.silent:
            return None
        return Finding(1.0, f"hung up after {max(0.0, min(999.0, conduct.after)):.0f} s without a key")
