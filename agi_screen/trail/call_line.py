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
    """One log record for a batch, with a line a call in `lines`: one for each call cost more than the call itself."""
    if not log.isEnabledFor(logging.INFO):
        return
    lines = [call_line(record) for record in records]
    if lines:
        batch = logging.LogRecord(log.name, logging.INFO, __file__, 0, "\n".join(lines), None, None)
        batch.lines = lines
        log.handle(batch)
