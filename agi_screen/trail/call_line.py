"""The one line that the log has of each call; nothing in it can break out of its line."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache

from agi_screen.base.records import CallRecord
from agi_screen.base.text import logfmt_value
from agi_screen.base.verdict import Decision, Evidence, Level, Verdict

log = logging.getLogger("agi_screen.calls")

_known = lru_cache(1024)(logfmt_value)  # the same few trunks and numbers of ours, call after call


def call_line(r: CallRecord) -> str:
    """The call as `key=value` pairs. What came from outside is escaped; words and figures of ours need not be."""
    # `_value_`, for the property `value` and the enum itself take several times as long to write.
    line = (
        f"call id={r.id} caller={logfmt_value(r.caller)} did={_known(r.dialled)} trunk={_known(r.trunk)} "
        f"verdict={r.verdict._value_} final={r.final_verdict._value_} score={r.score:.2f} "
        f"reasons={_reasons(r.evidence, r.final)} captcha={r.captcha._value_} us={r.decide_us}"
    )
    if r.tampering:
        line += f" tampering={logfmt_value(','.join(r.tampering))}"
    return f"{line} error={logfmt_value(r.error)}" if r.error else line


@lru_cache(4096)
def _reasons(evidence: tuple[Evidence, ...], final: str) -> str:
    """Robots resemble each other: most evidence has been seen before."""
    return logfmt_value(Decision(Verdict.ALLOW, 0.0, Level.NORMAL, evidence, final).reasons)


def log_lines(lines: Sequence[str]) -> None:
    """One log record for a batch, with a line a call in `lines`: one for each call cost more than the call itself."""
    batch = logging.LogRecord(log.name, logging.INFO, __file__, 0, "\n".join(lines), None, None)
    batch.lines = lines
    log.handle(batch)
