"""Call and decision → the record that is kept."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import CaptchaResult, Decision, Verdict


def record_of(
    call: Call, decision: Decision, final: Verdict, captcha: CaptchaResult, error: str, decide_us: int
) -> CallRecord:
    """`final` is what the dialplan was told, `decision.verdict` what the judge said before any CAPTCHA."""
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
        final_verdict=final,
        score=decision.score,
        level=decision.level,
        final=decision.final,
        evidence=decision.evidence,
        captcha=captcha,
        tampering=call.tampering,
        error=error,
        decide_us=decide_us,
    )
