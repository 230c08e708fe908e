"""Good evidence: talked to an operator before. Void while known callers surge: then their numbers are being forged."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.base.units import Duration
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

ONCE = 0.7  # strength of one talk; each further one adds a tenth
OTHER_WAY = 0.5  # on another trunk than the last talk's, half as good


class Params(SignalParams):
    """`within`: how long a talk is remembered in somebody's favour."""

    within: Duration


class KnownCaller(Signal[Params]):
    """Who talked half a minute or longer, or was marked as a person; not while CAPTCHAs fail: somebody forges it."""

    name = "known_caller"
    group = "behaviour"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history = facts.caller
        if not history.known or history.failed or facts.surges.known > 0.0:
            return None
        days = (call.started - max(history.last_talk, history.marked_at)) / 86_400.0
        if days * 86_400.0 > self.params.within:
            return None
        strength = min(1.0, ONCE + 0.1 * (history.talks - 1))
        if history.trunk and history.trunk != call.trunk:
            strength *= OTHER_WAY
        seen = f"{history.talks} talks, {history.talked:.0f} s in all, the last {max(0.0, days):.0f} days ago"
        return Finding(-strength, seen)
