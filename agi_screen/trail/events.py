"""Record → the AMI event `AgiScreenVerdict`, for dashboards and other programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from agi_screen.base.records import CallRecord


class EventSink(Protocol):
    """The way to Asterisk's event listeners; `user_event` never waits."""

    @property
    def connected(self) -> bool: ...

    def user_event(self, name: str, fields: Mapping[str, str]) -> None: ...


def verdict_event(record: CallRecord) -> dict[str, str]:
    """The fields, all of our own making but the numbers, which are cleaned."""
    reasons = ";".join(f"{e.signal}:{e.score:.2f}" for e in record.evidence if e.score)
    return {
        "CallID": record.id,
        "CallUniqueid": record.uniqueid,
        "Caller": record.caller or record.caller_kind,
        "Dialled": record.dialled,
        "Trunk": record.trunk,
        "Verdict": record.final_verdict._value_,
        "Judged": record.verdict._value_,
        "Score": f"{record.score:.2f}",
        "Level": record.level._value_,
        "Final": record.final,
        "Reasons": reasons[:400],
        "Captcha": record.captcha._value_,
        "Asked": record.asked,
        "Conduct": ";".join(f"{e.signal}:{e.score:.2f}" for e in record.conduct if e.score),
        "Way": record.way,
        "Error": record.error,
    }
