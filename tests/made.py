"""Calls, ends and entries for tests: everything has a value, each can be said otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agi_screen.base.records import CallEnd, CallRecord, Disposition, ListEntry, ListName, MatchKind
from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict

NOON = 1_800_000_000.0
_CALL = CallRecord(
    id="c0",
    uniqueid="1800000000.1",
    started=NOON,
    caller="+14155550100",
    caller_raw="4155550100",
    caller_kind="valid",
    caller_name="Bob",
    dialled="+18005551234",
    trunk="PJSIP/carrier",
    verdict=Verdict.CHALLENGE,
    final_verdict=Verdict.ALLOW,
    score=6.25,
    level=Level.NORMAL,
    final="",
    evidence=(
        Evidence("caller_rate", 0.5, 3.75, "3 calls over 3/10m"),
        Evidence("anonymous", 0.0, 0.0, ""),
        Evidence("hostile_caller_id", 1.0, 2.5, "newline"),
    ),
    captcha=CaptchaResult.PASSED,
    tampering=("control:2",),
    error="",
    decide_us=231,
)
_END = CallEnd("1800000000.1", NOON + 90, 16, Disposition.TALKED, "operators", 4.5, 61.25, "PJSIP/101")


def a_call(ident: str = "c0", **changes: Any) -> CallRecord:
    return _CALL._replace(id=ident, **{"uniqueid": f"u-{ident}", **changes})


def an_end(uniqueid: str, **changes: Any) -> CallEnd:
    return replace(_END, uniqueid=uniqueid, **changes)


def an_entry(value: str, name: ListName = ListName.DENY, **more: Any) -> ListEntry:
    """The kind follows from the value."""
    kind = MatchKind.PATTERN if value[0] == "_" else MatchKind.PREFIX if value[-1] == "*" else MatchKind.NUMBER
    return ListEntry(name, kind, value, **more)
