"""Call and decision → the record that is kept."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import Decision, Outcome


def record_of(call: Call, decision: Decision, outcome: Outcome, decide_us: int) -> CallRecord:
    """`outcome` is what the dialplan was told, `decision` what the judge said before any CAPTCHA."""
    return CallRecord(
        id=call.id,
        uniqueid=call.uniqueid,
        started=call.started,
        caller=call.caller.e164,
        caller_raw=call.caller.raw,
        caller_kind=call.caller.kind,
        caller_name=call.name,
        dialled=call.dialled.key,
        trunk=call.trunk,
        verdict=decision.verdict,
        final_verdict=outcome.verdict,
        score=decision.score,
        level=decision.level,
        final=decision.final,
        evidence=decision.evidence,
        captcha=outcome.captcha,
        tampering=call.tampering,
        error=outcome.error,
        decide_us=decide_us,
    )
