"""Control characters or forged lines in what the trunk sent: no telephone does that."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams


class HostileCallerId(Signal[SignalParams]):
    """Reads the tampering that the dialplan counted and the request parser saw."""

    name = "hostile_caller_id"
    group = "identity"
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        if not call.tampering:
            return None
        return Finding(1.0, ", ".join(call.tampering[:4]))
