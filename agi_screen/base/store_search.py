"""The one query that finds calls again: a page of those wanted, newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

from agi_screen.base.store_calls import CALL_COLUMNS, END_COLUMNS
from agi_screen.base.verdict import CaptchaResult, Verdict

Test = tuple[str, tuple[object, ...]]

_COLUMNS = ", ".join([*(f"c.{name}" for name in CALL_COLUMNS), *(f"e.{name}" for name in END_COLUMNS), "c.node"])
_NEWEST_FIRST = "c.started DESC, c.n DESC"
_BY_SLOT = ("calls_caller", "calls_dialled")
_SLOT_OF = "CAST(? / 3600 AS INTEGER)"  # as the column is made
_LONG_AGO = -1e15
_PARTIAL = {"calls_verdict": "c.verdict <> 'allow'", "calls_way": "c.way <> ''"}  # word for word what they ask for
_AFTER_HEX = "g"
_PLACE = "(SELECT started, n FROM calls WHERE id = ?)"
# Most rows are passed over by their text alone; what holds the name is read.
_SAID = (
    "(instr(c.{0}, ?) > 0 AND EXISTS (SELECT 1 FROM json_each(c.{0}) j "
    "WHERE j.value ->> 0 = ? AND CAST(j.value ->> 1 AS DOUBLE PRECISION) <> 0))"
)
# The hours that have calls, newest first: each is one step in the index from the one after it.
_NEWEST_SLOT = "SELECT max(c.slot) FROM calls c INDEXED BY calls_dialled WHERE"
_SLOTS = (
    f"slots (slot) AS ({_NEWEST_SLOT} {{newest}} UNION ALL "  # noqa: S608
    f"SELECT ({_NEWEST_SLOT} c.slot < slots.slot) FROM slots WHERE slots.slot >= {_SLOT_OF}), "
)


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls, newest first. `verdict` is the judge's own, before any CAPTCHA. `before` is the id of the last
    call of the page before; `since` is included, `until` is not. `beginnings` are those of ids, some dozens at most.

    `captcha` and `signal` (which had something to say) stand in no index: see store_walk.py. `down_to` is the id of the
    last call looked at."""

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
    captcha: CaptchaResult | None = None
    signal: str = ""
    down_to: str = ""


def select_calls(f: CallFilter, *, by_hour: bool = True) -> tuple[str, list[object]]:
    """The SQL and its values. The index is named: the planner, without statistics, guesses. `by_hour`: the indices of
    callers and of numbers dialled have a part for each hour, as in the embedded file."""
    page, values = _page(f, "?", by_hour=by_hour)
    # The page is found in the index first; only its rows are read, and joined to their ends.
    sql = (
        f"{page} SELECT {_COLUMNS} FROM page JOIN calls c ON c.n = page.n "  # noqa: S608
        f"LEFT JOIN call_ends e ON e.uniqueid = c.uniqueid AND e.node = c.node ORDER BY {_NEWEST_FIRST}"
    )
    return sql, [*values, max(0, f.limit)]


def _page(f: CallFilter, limit: str, *, by_hour: bool) -> tuple[str, list[object]]:
    """The start of a query that may say `page`, whose rows are the `n` of the calls; values but those of the limit."""
    index, tests, slots, order = _index(f), _tests(f), "", _NEWEST_FIRST
    values = [value for _, test_values in tests for value in test_values]
    where = [test for test, _ in tests]
    if by_hour and index in _BY_SLOT:
        slots, of_slots = _slots(f)
        values = [*of_slots, *values]
        where.append("c.slot IN slots")
        order = f"c.slot DESC, {order}"  # the same order, in which only the calls of one slot have to be sorted
    where += [_PARTIAL[index]] if index in _PARTIAL else []
    found = f"calls c INDEXED BY {index}" if index else "calls c"
    if f.beginnings:
        order = "c.started + 0 DESC, c.n DESC"  # found by their ids, they are few: no index is to give them in order
    page = f"SELECT c.n FROM {found} WHERE {' AND '.join(where) or 'true'} ORDER BY {order} LIMIT {limit}"  # noqa: S608
    return f"WITH RECURSIVE {slots}page (n) AS MATERIALIZED ({page})", values


def in_index(f: CallFilter) -> CallFilter:
    """The same without what its index does not answer, so that no row has to be read."""
    index = _index(f)
    return replace(
        f,
        captcha=None,
        signal="",
        way=f.way if index == "calls_way" else "",
        dialled=f.dialled if index == "calls_dialled" else "",
        verdict=None if index == "calls_way" else f.verdict,
    )


def select_nth(f: CallFilter, n: int, *, by_hour: bool = True) -> tuple[str, list[object]]:
    """The SQL, and its values, of the id and the start of the n-th call of those that `in_index(f)` finds."""
    found, values = _page(in_index(f), "1 OFFSET ?", by_hour=by_hour)
    return f"{found} SELECT c.id, c.started FROM page JOIN calls c ON c.n = page.n", [*values, n - 1]  # noqa: S608


def _index(f: CallFilter) -> str:
    if f.id or f.beginnings:
        return ""
    if f.caller:
        return "calls_caller"
    if f.way:
        return "calls_way"
    if f.dialled and not (f.captcha or f.signal):  # such walks go call by call: by their hours each step costs more
        return "calls_dialled"
    # Calls let through are nearly all: they are found by their time.
    return "calls_started" if f.verdict in (None, Verdict.ALLOW) else "calls_verdict"


def _tests(f: CallFilter) -> list[Test]:
    exact = (("caller", f.caller), ("dialled", f.dialled), ("id", f.id), ("way", f.way))
    tests: list[Test] = [(f"c.{name} = ?", (value,)) for name, value in exact if value]
    tests += [_begins(f.beginnings)] if f.beginnings else []
    tests += [("c.verdict = ?", (f.verdict.value,))] if f.verdict else []
    tests += [("c.started >= ?", (f.since,))] if f.since is not None else []
    tests += [("c.started < ?", (f.until,))] if f.until is not None else []
    tests += [(f"(c.started, c.n) < {_PLACE}", (f.before,))] if f.before else []
    tests += [(f"(c.started, c.n) >= {_PLACE}", (f.down_to,))] if f.down_to else []
    tests += [("c.captcha = ?", (f.captcha.value,))] if f.captcha else []
    tests += [(f"({_SAID.format('evidence')} OR {_SAID.format('conduct')})", _said(f.signal))] if f.signal else []
    return tests


def _begins(beginnings: tuple[str, ...]) -> Test:
    """Each is one step in the index of ids."""
    either = " OR ".join(["(c.id >= ? AND c.id < ?)"] * len(beginnings))
    return f"({either})", tuple(chain.from_iterable((one, one + _AFTER_HEX) for one in beginnings))


def _said(signal: str) -> tuple[object, ...]:
    return (f'["{signal}",', signal) * 2


def _slots(f: CallFilter) -> tuple[str, list[object]]:
    """The start of a query that may say `slot IN slots`, and its values."""
    newest: list[tuple[str, object]] = [(f"c.slot <= {_SLOT_OF}", f.until)] if f.until is not None else []
    newest += [("c.slot <= (SELECT slot FROM calls WHERE id = ?)", f.before)] if f.before else []
    sql = _SLOTS.format(newest=" AND ".join(test for test, _ in newest) or "true")
    return sql, [*(value for _, value in newest), _LONG_AGO if f.since is None else f.since]
