"""Call and decision → the record that is kept, in pure Python: the twin of cext/record.pyx."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import Decision, Outcome


def _caller(call: Call) -> tuple[str, str, str, str]:
    """E.164, raw, kind and name; a caller with an alias is known by that alone."""
    raw, e164, kind, alias = call.caller
    return (alias if e164 else "", alias, kind, "") if alias else (e164, raw, kind, call.name)


def record_of(call: Call, decision: Decision, outcome: Outcome, decide_us: int) -> CallRecord:
    """`outcome` is what the dialplan was told, `decision` what the judge said before any CAPTCHA."""
    return CallRecord(
        call.id,
        call.uniqueid,
        call.started,
        *_caller(call),
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
