"""Call and decision → the record that is kept, in pure Python: the twin of cext/record.pyx."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import Decision, Outcome


def record_of(call: Call, decision: Decision, outcome: Outcome, decide_us: int) -> CallRecord:
    """`outcome` is what the dialplan was told, `decision` what the judge said before any CAPTCHA."""
    return CallRecord(
        call.id,
        call.uniqueid,
        call.started,
        call.caller.e164,
        call.caller.raw,
        call.caller.kind,
        call.name,
        call.dialled.key,
        call.trunk,
        decision.verdict,
        outcome.verdict,
        decision.score,
        decision.level,
        decision.final,
        decision.evidence,
        outcome.captcha,
        call.tampering,
        outcome.error,
        decide_us,
        outcome.way,
        outcome.asked,
        outcome.conduct,
        outcome.took,
    )
