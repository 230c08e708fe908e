"""A caller number that no numbering plan has. It challenges and never rejects: some emergency call-backs look so."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.assigned import areas, unassigned
from agi_screen.base.call import Call, NumberKind
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams

VALID = NumberKind.VALID


class PlanParams(SignalParams):
    """`unassigned`: the strength of an exchange that was not assigned when our table was made (2022)."""

    unassigned: Annotated[float, Field(ge=0, le=1)]


class InvalidNumber(Signal[PlanParams]):
    """Invalid, a short code from outside, the very number that was dialled; weakly, of an unassigned exchange."""

    name = "invalid_number"
    group = "number"
    Params = PlanParams

    def __init__(self, params: PlanParams) -> None:
        super().__init__(params)
        self._unassigned = params.unassigned
        areas()  # reads its table now, and not while a call waits

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        caller = call.caller
        kind = caller.kind
        if kind is not VALID:
            if kind is NumberKind.INVALID:
                return Finding(1.0, "not a number of any plan")
            if kind is NumberKind.SHORT:
                return Finding(1.0, "a short code as caller")
        number = caller.e164
        if not number:
            return None
        if number == call.dialled.e164:
            return Finding(1.0, "the dialled number as caller")
        if self._unassigned and unassigned(number) and not facts.caller.known:
            return Finding(self._unassigned, "of an exchange that was not assigned in 2022")
        return None
