"""The one line that the log has of each call; nothing in it can break out of its line."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from agi_screen.base.records import CallRecord
from agi_screen.base.text import logfmt_value
from agi_screen.base.verdict import Decision

log = logging.getLogger("agi_screen.calls")


def call_line(r: CallRecord) -> str:
    """The call as `key=value` pairs. What came from outside is escaped; words and figures of ours need not be."""
    reasons = Decision(r.verdict, r.score, r.level, r.evidence, r.final).reasons
    line = (
        f"call id={r.id} caller={logfmt_value(r.caller)} did={logfmt_value(r.dialled)} trunk={logfmt_value(r.trunk)} "
        f"verdict={r.verdict} final={r.final_verdict} score={r.score:.2f} reasons={logfmt_value(reasons)} "
        f"captcha={r.captcha} us={r.decide_us}"
    )
    if r.tampering:
        line += f" tampering={logfmt_value(','.join(r.tampering))}"
    return f"{line} error={logfmt_value(r.error)}" if r.error else line


def log_calls(records: Iterable[CallRecord]) -> None:
    """One log record for a batch, with a line a call in `lines`: one for each call cost more than the call itself."""
    if not log.isEnabledFor(logging.INFO):
        return
    lines = [call_line(record) for record in records]
    if lines:
        batch = logging.LogRecord(log.name, logging.INFO, __file__, 0, "\n".join(lines), None, None)
        batch.lines = lines
        log.handle(batch)
