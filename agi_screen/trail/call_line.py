"""The one line that the log has of each call; nothing in it can break out of its line."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from agi_screen.base.records import CallRecord
from agi_screen.base.text import logfmt_value
from agi_screen.base.verdict import Decision

log = logging.getLogger("agi_screen.calls")


def call_line(r: CallRecord) -> str:
    """The call as `key=value` pairs."""
    reasons = Decision(r.verdict, r.score, r.level, r.evidence, r.final).reasons
    pairs = [
        *(("id", r.id), ("caller", r.caller), ("did", r.dialled), ("trunk", r.trunk)),
        *(("verdict", r.verdict), ("final", r.final_verdict), ("score", f"{r.score:.2f}"), ("reasons", reasons)),
        *(("captcha", r.captcha), ("us", str(r.decide_us))),
    ]
    pairs += [("tampering", ",".join(r.tampering))] if r.tampering else []
    pairs += [("error", r.error)] if r.error else []
    return "call " + " ".join(f"{key}={logfmt_value(value)}" for key, value in pairs)


def log_calls(records: Iterable[CallRecord]) -> None:
    """Hands each line to the logger's handlers. The record is made here, for Logger.info() costs as much as
    all the rest of it to find out which line of ours called it."""
    if not log.isEnabledFor(logging.INFO):
        return
    for record in records:
        line = call_line(record)
        log.handle(logging.LogRecord(log.name, logging.INFO, __file__, 0, line, None, None))
