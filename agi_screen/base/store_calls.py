"""Call records as rows, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import isfinite
from typing import Any

from agi_screen.base.records import CallEnd, CallRecord, Disposition, Feedback
from agi_screen.base.text import storable
from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict

# Evidence is one JSON text in the call's row, not a row a signal: one insert a call instead of six keeps
# 50,000 calls well under 5 s, replay reads a call with its evidence in one step of one tree, and SQLite's
# json_each() still answers any question about a signal's points.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

CALL_COLUMNS = (
    *("id", "uniqueid", "started", "caller", "caller_raw", "caller_kind", "caller_name", "dialled", "trunk"),
    *("verdict", "final_verdict", "score", "level", "final", "evidence", "captcha", "tampering", "error", "decide_us"),
    *("way", "asked", "conduct", "captcha_time"),
)
END_COLUMNS = ("uniqueid", "ended", "cause", "disposition", "queue", "queue_wait", "talk_time", "operator")

CallRow = tuple[object, ...]
Statement = tuple[str, Iterable[CallRow]]

# Many rows to a statement: the interpreter's lock changes hands once a statement, and calls wait for it.
GROUPS = (100, 10, 1)
# OR ROLLBACK, for the batch is all or nothing anyway: with any other word SQLite keeps, for each statement, a copy
# of each page it changes, which took half the time of a record.
_VALUES = f"({','.join('?' * len(CALL_COLUMNS))})"
_INSERTS = {
    count: f"INSERT OR ROLLBACK INTO calls ({', '.join(CALL_COLUMNS)}) VALUES {','.join([_VALUES] * count)}"  # noqa: S608
    for count in GROUPS
}
# A batch of which it was not known whether it was written: the same call twice is one row, with its last word.
_INSERT_AGAIN = (
    f"INSERT INTO calls ({', '.join(CALL_COLUMNS)}) VALUES {_VALUES} ON CONFLICT (id) DO UPDATE SET "  # noqa: S608
    "final_verdict = excluded.final_verdict, captcha = excluded.captcha, error = excluded.error, "
    "way = excluded.way, asked = excluded.asked, conduct = excluded.conduct, captcha_time = excluded.captcha_time"
)
INSERT_END = (
    f"INSERT INTO call_ends ({', '.join(END_COLUMNS)}) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (uniqueid) "  # noqa: S608
    f"DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in END_COLUMNS[1:])}"
)
# The same word is there once, also when it was not known whether it was written.
INSERT_FEEDBACK = (
    "INSERT INTO feedback (call_id, caller, label, operator, at) SELECT ?,?,?,?,? WHERE NOT EXISTS (SELECT 1 FROM "
    "feedback WHERE call_id = ? AND caller = ? AND label = ? AND operator = ? AND at = ?)"
)


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call as it was recorded, and its end where AMI has told it. `node` wrote it, where several share a database."""

    record: CallRecord
    end: CallEnd | None
    node: str = ""


def call_row(r: CallRecord) -> CallRow:
    """The row of a call, made at once: a thread that makes many holds the interpreter, and calls wait for it."""
    (ident, uniqueid, started, caller, raw, kind, name, dialled, trunk, verdict, final_verdict) = r[:11]
    (score, level, final, evidence, captcha, tampering, error, decide_us, way, asked, conduct, captcha_time) = r[11:]
    # `_value_`, for the property `value` takes four times as long; str(), for the driver looks long at an enum.
    return (
        *(ident, uniqueid, started, caller, raw, str(kind), name, dialled, trunk, verdict._value_),
        *(final_verdict._value_, _real(score), level._value_, final, _as_json(evidence) if evidence else "[]"),
        *(captcha._value_, _as_json(tampering) if tampering else "[]", error, decide_us),
        *(way, asked, _as_json(conduct) if conduct else "[]", _real(captcha_time)),
    )


@lru_cache(4096)
def _as_json(items: tuple[object, ...]) -> str:
    """Robots resemble each other: most evidence has been seen before."""
    try:
        return _encode(items)
    except ValueError:  # JSON knows no infinity
        return _encode(_finite(items))


def _finite(value: object) -> object:
    if isinstance(value, tuple):
        return [_finite(one) for one in value]
    return _real(value) if isinstance(value, float) else value


def inserts(rows: Sequence[CallRow]) -> Iterator[Statement]:
    """The quick way to write rows that nothing is wrong with."""
    done = 0
    for count in GROUPS:
        whole = len(rows) - (len(rows) - done) % count
        if whole > done:
            yield _INSERTS[count], _joined(rows, range(done, whole, count), count)
        done = whole


def _joined(rows: Sequence[CallRow], starts: range, count: int) -> Iterator[CallRow]:
    return (tuple(chain.from_iterable(rows[start : start + count])) for start in starts)


def inserts_again(rows: Iterable[CallRow]) -> Iterator[Statement]:
    """The way for a batch that was refused: whatever is wrong with a row, the others are written, and it too."""
    yield _INSERT_AGAIN, (tuple(map(_bearable, row)) for row in rows)


def _bearable(value: object) -> object:
    """One bad text or figure must not refuse a batch."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float):
        return _real(value)
    return _whole(value) if isinstance(value, int) else value


def end_rows(ends: Iterable[CallEnd]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_END."""
    for e in ends:
        times = (_real(e.queue_wait), _real(e.talk_time), storable(e.operator))
        yield (storable(e.uniqueid), _real(e.ended), _whole(e.cause), e.disposition.value, storable(e.queue), *times)


def feedback_row(f: Feedback) -> tuple[object, ...]:
    """Its row in the order of the table's columns, without the number."""
    return (storable(f.call_id), storable(f.caller), storable(f.label), storable(f.operator), _real(f.at))


def _real(number: float) -> float:
    """SQLite keeps NaN as NULL, and JSON knows no infinity."""
    return number if isfinite(number) else 0.0


def _whole(number: int) -> int:
    return max(-(2**63), min(number, 2**63 - 1))


def stored_call(row: tuple[Any, ...]) -> StoredCall:
    """The call of one row of `select_calls`."""
    (ident, uniqueid, started, caller, raw, kind, name, dialled, trunk, verdict, final_verdict) = row[:11]
    (score, level, final, evidence, captcha, tampering, error, decide_us) = row[11:19]
    (way, asked, conduct, captcha_time) = row[19 : len(CALL_COLUMNS)]
    record = CallRecord(
        *(ident, uniqueid, started, caller, raw, kind, name, dialled, trunk),
        *(Verdict(verdict), Verdict(final_verdict), score, Level(level), final),
        _evidence(evidence),
        *(CaptchaResult(captcha), tuple(json.loads(tampering)), error, decide_us),
        *(way, asked, _evidence(conduct), captcha_time),
    )
    return StoredCall(record, _end(row[len(CALL_COLUMNS) : -1]), row[-1])


def _evidence(written: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(*item) for item in json.loads(written)) if written != "[]" else ()


def _end(row: tuple[Any, ...]) -> CallEnd | None:
    if row[0] is None:
        return None
    uniqueid, ended, cause, disposition, *rest = row
    return CallEnd(uniqueid, ended, cause, Disposition(disposition), *rest)
