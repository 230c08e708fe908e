"""Operators' words on earlier calls of this number: *77 a robot, *78 a person."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.base.units import Duration
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`within`: how long a mark counts."""

    within: Duration


class OperatorFeedback(Signal[Params]):
    """Numbers are forged: a mark challenges the number's next caller, it does not reject."""

    name = "operator_feedback"
    group = "behaviour"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history = facts.caller
        if history.robot == history.person or call.started - history.marked_at > self.params.within:
            return None
        if history.robot > history.person:
            return Finding(1.0, f"marked as a robot {history.robot} times")
        return Finding(-1.0, f"marked as a person {history.person} times")
