"""A withheld or missing number. Many people withhold theirs: weak evidence, alone it challenges only under siege."""

from __future__ import annotations

from agi_screen.base.call import Call, NumberKind
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams

VALID = NumberKind.VALID


class Anonymous(Signal[SignalParams]):
    """Withheld (`anonymous`) and missing (`absent`) are told apart in the reason."""

    name = "anonymous"
    group = "number"
    Params = SignalParams

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        kind = call.caller.kind
        if kind is VALID:
            return None
        if kind is NumberKind.ANONYMOUS:
            return Finding(1.0, "number withheld")
        if kind is NumberKind.ABSENT:
            return Finding(1.0, "no number sent")
        return None
