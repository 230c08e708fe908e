"""The caller is on the suspect list: numbers that others complained of, some of them forged and people's own."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

MAX_REASON = 100


class Lists(Signal[SignalParams]):
    """Strong evidence, and no verdict: a person whose number was forged answers the CAPTCHA and is through."""

    name = "lists"
    group = "number"
    reads = Reads.SUSPECT
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        entry = facts.suspect
        if entry is None:
            return None
        why = entry.reason or entry.source
        return Finding(1.0, f"on the suspect list: {why[:MAX_REASON]}" if why else "on the suspect list")
