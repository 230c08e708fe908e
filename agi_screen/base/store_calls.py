"""Call records as rows, and the one query that finds them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import isfinite
from typing import Any

from agi_screen.base.records import CallEnd, CallRecord, Disposition, Feedback
from agi_screen.base.text import storable
from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict

# Evidence is one JSON text in the call's row, not a row a signal: one insert a call instead of six keeps
# 50,000 calls well under 5 s, replay reads a call with its evidence in one step of one tree, and SQLite's
# json_each() still answers any question about a signal's points.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_CALL_COLUMNS = (
    "id, uniqueid, started, caller, caller_raw, caller_kind, caller_name, dialled, trunk, verdict, "
    "final_verdict, score, level, final, evidence, captcha, tampering, error, decide_us"
)
_END_COLUMNS = "uniqueid, ended, cause, disposition, queue, queue_wait, talk_time, operator"
_CALL_WIDTH = 19

_CALL_VALUES = f"({','.join('?' * _CALL_WIDTH)})"
# A batch that failed half-way is written again: the same call twice is one row, with its last word.
_INSERT_CALLS = (
    f"INSERT INTO calls ({_CALL_COLUMNS}) VALUES %s ON CONFLICT (id) DO UPDATE SET "  # noqa: S608
    "final_verdict = excluded.final_verdict, captcha = excluded.captcha, error = excluded.error"
)
GROUP = 50  # rows of one statement: the interpreter's lock changes hands once a statement, and calls wait for it
INSERT_CALL = _INSERT_CALLS % _CALL_VALUES
INSERT_GROUP = _INSERT_CALLS % ",".join([_CALL_VALUES] * GROUP)
INSERT_END = f"INSERT OR REPLACE INTO call_ends ({_END_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)"  # noqa: S608


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call as it was recorded, and its end where AMI has told it."""

    record: CallRecord
    end: CallEnd | None


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls, newest first. `verdict` is the judge's own, before any CAPTCHA. `before` is the (started, id)
    of the last call of the page before; `since` is included, `until` is not."""

    caller: str = ""
    dialled: str = ""
    verdict: Verdict | None = None
    since: float | None = None
    until: float | None = None
    id: str = ""
    before: tuple[float, str] | None = None
    limit: int = 50


def call_rows(records: Iterable[CallRecord]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_CALL; made one by one in the database's own thread, off the path of calls."""
    for r in records:
        evidence = _encode([(e.signal, _real(e.points), _real(e.score), storable(e.reason)) for e in r.evidence])
        tampering = storable(_encode(r.tampering)) if r.tampering else "[]"
        yield (
            *(r.id, storable(r.uniqueid), _real(r.started), storable(r.caller), storable(r.caller_raw)),
            *(r.caller_kind, storable(r.caller_name), storable(r.dialled), storable(r.trunk)),
            # `_value_`, for the property `value` takes four times as long
            *(r.verdict._value_, r.final_verdict._value_, _real(r.score), r.level._value_, r.final, evidence),
            *(r.captcha._value_, tampering, storable(r.error), _whole(r.decide_us)),
        )


def groups(records: Sequence[CallRecord]) -> Iterator[tuple[object, ...]]:
    """Values for INSERT_GROUP; as many records as make whole groups."""
    rows = call_rows(records)
    for _ in range(len(records) // GROUP):
        yield tuple(chain.from_iterable(islice(rows, GROUP)))


def end_rows(ends: Iterable[CallEnd]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_END."""
    for e in ends:
        times = (_real(e.queue_wait), _real(e.talk_time), storable(e.operator))
        yield (storable(e.uniqueid), _real(e.ended), _whole(e.cause), e.disposition.value, storable(e.queue), *times)


def feedback_row(f: Feedback) -> tuple[object, ...]:
    """Its row in the order of the table's columns, without the number."""
    return (storable(f.call_id), storable(f.caller), storable(f.label), storable(f.operator), _real(f.at))


def _real(number: float) -> float:
    """SQLite keeps NaN as NULL, and JSON knows no infinity: one bad figure must not refuse a batch."""
    return number if isfinite(number) else 0.0


def _whole(number: int) -> int:
    return max(-(2**63), min(number, 2**63 - 1))


def select_calls(f: CallFilter) -> tuple[str, list[object]]:
    """The SQL and its values. The index is named: the planner, without statistics, guesses."""
    tests: list[tuple[str, object]] = []
    tests += [(f"c.{n} = ?", v) for n, v in (("caller", f.caller), ("dialled", f.dialled), ("id", f.id)) if v]
    tests += [("c.verdict = ?", f.verdict.value)] if f.verdict else []
    tests += [("c.started >= ?", f.since)] if f.since is not None else []
    tests += [("c.started < ?", f.until)] if f.until is not None else []
    values = [value for _, value in tests]
    where = [test for test, _ in tests]
    where += ["c.verdict <> 'allow'"] if _odd(f) else []  # word for word what the partial index asks for
    if f.before:
        where.append("(c.started, c.id) < (?, ?)")
        values.extend(f.before)
    return _sql(_index(f), " AND ".join(where) or "1"), [*values, max(0, f.limit)]


def _odd(f: CallFilter) -> bool:
    """Calls let through are nearly all: they are found by their time, and not indexed by their verdict."""
    return f.verdict is not None and f.verdict is not Verdict.ALLOW


def _sql(index: str, where: str) -> str:
    columns = ", ".join(f"c.{name}" for name in _CALL_COLUMNS.split(", "))
    ends = ", ".join(f"e.{name}" for name in _END_COLUMNS.split(", "))
    # The page is found in the index first; only its rows are read, and joined to their ends.
    return (
        f"SELECT {columns}, {ends} FROM (SELECT c.n FROM calls c {index} WHERE {where} "  # noqa: S608
        "ORDER BY c.started DESC, c.id DESC LIMIT ?) page JOIN calls c ON c.n = page.n "
        "LEFT JOIN call_ends e ON e.uniqueid = c.uniqueid ORDER BY c.started DESC, c.id DESC"
    )


def _index(f: CallFilter) -> str:
    if f.id:
        return ""
    for name, value in (("caller", f.caller), ("verdict", _odd(f)), ("dialled", f.dialled)):
        if value:
            return f"INDEXED BY calls_{name}"
    return "INDEXED BY calls_started"


def stored_call(row: tuple[Any, ...]) -> StoredCall:
    """The call of one row of `select_calls`."""
    (ident, uniqueid, started, caller, raw, kind, name, dialled, trunk, verdict, final_verdict) = row[:11]
    (score, level, final, evidence, captcha, tampering, error, decide_us) = row[11:_CALL_WIDTH]
    record = CallRecord(
        *(ident, uniqueid, started, caller, raw, kind, name, dialled, trunk),
        *(Verdict(verdict), Verdict(final_verdict), score, Level(level), final),
        tuple(Evidence(*item) for item in json.loads(evidence)),
        *(CaptchaResult(captcha), tuple(json.loads(tampering)), error, decide_us),
    )
    return StoredCall(record, _end(row[_CALL_WIDTH:]))


def _end(row: tuple[Any, ...]) -> CallEnd | None:
    if row[0] is None:
        return None
    uniqueid, ended, cause, disposition, *rest = row
    return CallEnd(uniqueid, ended, cause, Disposition(disposition), *rest)
