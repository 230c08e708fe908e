"""The one query that finds calls again: a page of those wanted, newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass

from agi_screen.base.store_calls import CALL_COLUMNS, END_COLUMNS
from agi_screen.base.verdict import Verdict

Test = tuple[str, object]

_COLUMNS = ", ".join([*(f"c.{name}" for name in CALL_COLUMNS), *(f"e.{name}" for name in END_COLUMNS)])
_NEWEST_FIRST = "c.started DESC, c.n DESC"
_BY_SLOT = ("calls_caller", "calls_dialled")
_SLOT_OF = "CAST(? / 3600 AS INTEGER)"  # as the column is made
_LONG_AGO = -1e15
_PARTIAL = {"calls_verdict": "c.verdict <> 'allow'", "calls_way": "c.way <> ''"}  # word for word what they ask for
_AFTER_HEX = "g"
# The hours that have calls, newest first: each is one step in the index from the one after it.
_NEWEST_SLOT = "SELECT max(c.slot) FROM calls c INDEXED BY calls_dialled WHERE"
_SLOTS = (
    f"WITH RECURSIVE slots (slot) AS ({_NEWEST_SLOT} {{newest}} UNION ALL "  # noqa: S608
    f"SELECT ({_NEWEST_SLOT} c.slot < slots.slot) FROM slots WHERE slots.slot >= {_SLOT_OF}) "
)


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls, newest first. `verdict` is the judge's own, before any CAPTCHA. `before` is the id of the last
    call of the page before; `since` is included, `until` is not. `beginnings` are those of ids, some dozens at most."""

    caller: str = ""
    dialled: str = ""
    verdict: Verdict | None = None
    since: float | None = None
    until: float | None = None
    id: str = ""
    way: str = ""
    beginnings: tuple[str, ...] = ()
    before: str = ""
    limit: int = 50


def select_calls(f: CallFilter) -> tuple[str, list[object]]:
    """The SQL and its values. The index is named: the planner, without statistics, guesses."""
    index, tests, slots, order = _index(f), _tests(f), "", _NEWEST_FIRST
    values = [value for _, value in tests]
    where = [test for test, _ in tests]
    if index in _BY_SLOT:
        slots, of_slots = _slots(f)
        values = [*of_slots, *values]
        where.append("c.slot IN slots")
        order = f"c.slot DESC, {order}"  # the same order, in which only the calls of one slot have to be sorted
    where += [_PARTIAL[index]] if index in _PARTIAL else []
    by = f"INDEXED BY {index}" if index else ""
    # The page is found in the index first; only its rows are read, and joined to their ends.
    found = f"calls c {by}"
    if f.beginnings:  # each is one step in the index of ids
        found = "json_each(?) b CROSS JOIN calls c ON c.id >= b.value AND c.id < b.value || ?"
        values = [json.dumps(f.beginnings), _AFTER_HEX, *values]
    sql = (
        f"{slots}SELECT {_COLUMNS} FROM (SELECT c.n FROM {found} WHERE {' AND '.join(where) or '1'} "  # noqa: S608
        f"ORDER BY {order} LIMIT ?) page JOIN calls c ON c.n = page.n "
        f"LEFT JOIN call_ends e ON e.uniqueid = c.uniqueid ORDER BY {_NEWEST_FIRST}"
    )
    return sql, [*values, max(0, f.limit)]


def _index(f: CallFilter) -> str:
    if f.id or f.beginnings:
        return ""
    if f.caller:
        return "calls_caller"
    if f.dialled:
        return "calls_dialled"
    if f.way:
        return "calls_way"
    # Calls let through are nearly all: they are found by their time.
    return "calls_started" if f.verdict in (None, Verdict.ALLOW) else "calls_verdict"


def _tests(f: CallFilter) -> list[Test]:
    tests: list[Test] = [
        (f"c.{n} = ?", v) for n, v in (("caller", f.caller), ("dialled", f.dialled), ("id", f.id), ("way", f.way)) if v
    ]
    tests += [("c.verdict = ?", f.verdict.value)] if f.verdict else []
    tests += [("c.started >= ?", f.since)] if f.since is not None else []
    tests += [("c.started < ?", f.until)] if f.until is not None else []
    tests += [("(c.started, c.n) < (SELECT started, n FROM calls WHERE id = ?)", f.before)] if f.before else []
    return tests


def _slots(f: CallFilter) -> tuple[str, list[object]]:
    """The start of a query that may say `slot IN slots`, and its values."""
    newest: list[Test] = [(f"c.slot <= {_SLOT_OF}", f.until)] if f.until is not None else []
    newest += [("c.slot <= (SELECT slot FROM calls WHERE id = ?)", f.before)] if f.before else []
    sql = _SLOTS.format(newest=" AND ".join(test for test, _ in newest) or "1")
    return sql, [*(value for _, value in newest), _LONG_AGO if f.since is None else f.since]
