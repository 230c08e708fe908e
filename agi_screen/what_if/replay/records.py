"""Our own records → the calls that came in, with the CAPTCHA's result and the operators' word on them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agi_screen.base.records import Disposition
from agi_screen.base.store_errors import said_plainly
from agi_screen.base.verdict import CaptchaResult
from agi_screen.what_if.replay.local_time import LocalTimes
from agi_screen.what_if.replay.past import HistoryError, Past, PastCall, Recorded, Source

HEAD = b"SQLite format 3\x00"
CAPTCHA_SECONDS = 20.0  # about how long one takes, where the call's end does not tell
_TABLES = {"calls", "call_ends", "feedback"}
_CALLS = """SELECT c.started, c.uniqueid, c.caller_raw, c.dialled, c.trunk, c.id, c.caller_name, c.tampering, c.captcha,
  e.ended, e.cause, e.disposition, e.queue_wait, e.talk_time, nullif(f.label, 'unmarked'), f.at, c.conduct
FROM calls c LEFT JOIN call_ends e ON e.uniqueid = c.uniqueid
LEFT JOIN feedback f ON f.n = (SELECT max(n) FROM feedback WHERE call_id = c.id) ORDER BY c.started, c.n"""


def past_of_records(path: Path, times: LocalTimes, read: Callable[[int], None] = lambda _: None) -> Past:
    """All calls of a database, in the order of their start; `read` is told of each. Reads beside a running daemon.
    Raises StoreError and HistoryError."""
    calls: list[PastCall] = []
    place: dict[str, int] = {}
    with said_plainly(path):
        for call in _calls(path, times):
            here = place.setdefault(call.uniqueid, len(calls)) if call.uniqueid else len(calls)
            if here == len(calls):
                calls.append(call)
            else:
                calls[here] = _both(calls[here], call)
            read(1)
    return Past(Source.RECORDS, calls)


def _calls(path: Path, times: LocalTimes) -> Iterator[PastCall]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as conn:
        there = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if missing := _TABLES - there:
            names = ", ".join(sorted(missing))
            raise HistoryError(f"{path}: tables = {names}: missing; name a database of agi-screen, or a Master.csv")
        for row in conn.execute(_CALLS):
            yield _call(row, times)


def _call(row: tuple[Any, ...], times: LocalTimes) -> PastCall:
    started, uniqueid, src, dst, trunk, ident, name, tampering, captcha = row[:9]
    ended, cause, disposition, queue_wait, talk_time, label, labelled_at, conduct = row[9:]
    known = ended is not None
    result = CaptchaResult(captcha)
    at = max(started, ended - queue_wait - talk_time) if known else started + CAPTCHA_SECONDS
    said = tuple(json.loads(tampering)) if tampering != "[]" else ()
    more = Recorded(ident, name, said, result, at, label or "", labelled_at or 0.0, _score(conduct))
    head = (started, uniqueid, times.shown(started), src, dst, trunk)
    if not known:
        return PastCall(*head, inf, Disposition.HUNGUP, 0.0, 0.0, 16, more)
    return PastCall(*head, max(started, ended), Disposition(disposition), queue_wait, talk_time, cause, more)


def _both(known: PastCall, later: PastCall) -> PastCall:
    """A call that asked twice (`/decide`, then `/captcha`) is one call, with the CAPTCHA of the second."""
    if known.more is None or later.more is None or known.more.captcha is not CaptchaResult.SKIPPED:
        return known
    asked = later.more
    return known._replace(
        more=known.more._replace(captcha=asked.captcha, captcha_at=asked.captcha_at, conduct=asked.conduct)
    )


def _score(conduct: str) -> float:
    """The sum of evidence as the records keep it."""
    return sum(score for _, _, score, _ in json.loads(conduct)) if conduct != "[]" else 0.0
