"""Numbers in the database made pseudonyms, and the check that they are of the key in use."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from agi_screen.base.numbers import NumberPlan
from agi_screen.base.pseudonym import Pseudonyms, is_pseudonym
from agi_screen.base.records import CallerRecord
from agi_screen.base.store import Store
from agi_screen.base.store_callers import INSERT_CALLER, caller_rows
from agi_screen.base.store_calls import Statement
from agi_screen.base.store_lists import INSERT_PASS
from agi_screen.base.store_space import audit_opened

log = logging.getLogger("agi_screen.privacy")

AT_ONCE = 1_000
_KEY = "privacy key"
_IN_TEXT = re.compile(r"(?<![0-9A-Za-z+~.])\+[1-9][0-9]{6,14}(?![0-9*~])")
_MOMENTS = frozenset({"last_talk", "captcha_at", "marked_at"})
Told = Callable[[int], None]


async def remark_on_numbers(store: Store, pseudonyms: Pseudonyms | None, now: float) -> str:
    """What must be said of the numbers that stand in the database; empty where all is well. Keeps the mark of a first
    key. Raises StoreError."""
    if pseudonyms is None:
        return ""
    known = await store.setting(_KEY)
    if known is None:
        await store.set_setting(_KEY, pseudonyms.check, "agi-screen", now)
    elif known != pseudonyms.check:
        remark = "hashed with ANOTHER key than the database: earlier callers are strangers"
        log.critical("%s: restore the key of before in [privacy] number_key_file", remark)
        return remark
    clear = await store.read(lambda row: row[0], "SELECT caller FROM calls WHERE caller LIKE '+%' ORDER BY n LIMIT 1")
    if clear and not is_pseudonym(clear[0]):
        remark = "hashed; older records hold clear numbers"
        log.warning("%s: run `agi-screen privacy hash-existing`", remark)
        return remark
    return ""


class _Row(NamedTuple):
    n: int
    caller: str
    raw: str
    name: str


async def rows_to_look_at(store: Store) -> int:
    """How many the walk goes through."""
    tables = ("calls", "feedback", "callers", "passes", "list_entries", "audit")
    counts = [await store.read(lambda row: int(row[0]), f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608
    return sum(count[0] for count in counts)


async def hash_existing(store: Store, plan: NumberPlan, told: Told) -> dict[str, int]:
    """Clear numbers become pseudonyms, a thousand rows a transaction: what is done already is passed over, so it may
    be ended and begun again. Raises StoreError."""
    return {
        "calls": await _calls(store, plan, told),
        "feedback": await _feedback(store, plan, told),
        "callers": await _callers(store, plan, told),
        "passes": await _passes(store, plan, told),
        "list_entries": await _entries(store, plan, told),
        "audit": await _audit(store, plan, told),
    }


def _alias(plan: NumberPlan, number: str) -> str:
    return plan.written(number).alias


async def _portions(store: Store, columns: str, table: str, key: str, first: object) -> Any:
    sql, place = f"SELECT {key}, {columns} FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT {AT_ONCE}", first  # noqa: S608
    while rows := await store.read(tuple, sql, [place]):
        place = rows[-1][0]
        yield rows


async def _calls(store: Store, plan: NumberPlan, told: Told) -> int:
    sql, done = "UPDATE calls SET caller = ?, caller_raw = ?, caller_name = '' WHERE n = ?", 0
    async for rows in _portions(store, "caller, caller_raw, caller_name", "calls", "n", -1):
        new = []
        for row in map(_Row._make, rows):
            if is_pseudonym(row.raw) or (row.raw in {"anonymous", "absent"} and not row.name):
                continue
            alias = _alias(plan, row.caller or row.raw)
            new.append((alias if row.caller else "", alias, row.n))
        done += await _write(store, (sql, new))
        told(len(rows))
    return done


async def _feedback(store: Store, plan: NumberPlan, told: Told) -> int:
    sql, done = "UPDATE feedback SET caller = ? WHERE n = ?", 0
    async for rows in _portions(store, "caller", "feedback", "n", -1):
        new = [(_alias(plan, caller), n) for n, caller in rows if not is_pseudonym(caller)]
        done += await _write(store, (sql, new))
        told(len(rows))
    return done


async def _callers(store: Store, plan: NumberPlan, told: Told) -> int:
    columns, done = ", ".join(CallerRecord._fields[1:]), 0
    async for rows in _portions(store, columns, "callers", "caller", ""):
        clear = [record for record in map(CallerRecord._make, rows) if not is_pseudonym(record.caller)]
        new = [record._replace(caller=_alias(plan, record.caller)) for record in clear]
        merged = await _with_known(store, new)
        done += await _write(
            store,
            ("DELETE FROM callers WHERE caller = ?", [(record.caller,) for record in clear]),
            (INSERT_CALLER, list(caller_rows(merged))),
        )
        told(len(rows))
    return done


async def _with_known(store: Store, records: Iterable[CallerRecord]) -> list[CallerRecord]:
    """Added to what was recorded since under the pseudonym."""
    merged: dict[str, CallerRecord] = {}
    sql = f"SELECT {', '.join(CallerRecord._fields)} FROM callers WHERE caller = ?"  # noqa: S608
    for record in records:
        before = merged.get(record.caller)
        found = [before] if before else await store.read(CallerRecord._make, sql, [record.caller])
        merged[record.caller] = _sum(record, found[0]) if found else record
    return list(merged.values())


def _sum(one: CallerRecord, other: CallerRecord) -> CallerRecord:
    figures: dict[str, Any] = {
        name: max(a, b) if name in _MOMENTS else a + b
        for name, a, b in zip(CallerRecord._fields[1:-1], one[1:-1], other[1:-1], strict=True)
    }
    return one._replace(**figures, trunk=other.trunk or one.trunk)


async def _passes(store: Store, plan: NumberPlan, told: Told) -> int:
    rows = await store.read(tuple, "SELECT caller, trunk, uses_left, expires FROM passes")
    clear = [row for row in rows if not is_pseudonym(row[0])]
    new = [(_alias(plan, caller), *rest) for caller, *rest in clear]
    gone = [(caller, trunk) for caller, trunk, *_ in clear]
    done = await _write(store, ("DELETE FROM passes WHERE caller = ? AND trunk = ?", gone), (INSERT_PASS, new))
    told(len(rows))
    return done


async def _entries(store: Store, plan: NumberPlan, told: Told) -> int:
    """Whole numbers alone: a prefix or a pattern names nobody."""
    sql = "SELECT e.grp, e.value, e.list FROM list_entries e JOIN list_groups g ON g.n = e.grp WHERE g.kind = 'number'"
    rows, done = await store.read(tuple, sql), 0
    clear = [row for row in rows if not is_pseudonym(row[1])]
    for start in range(0, len(clear), AT_ONCE):
        some = clear[start : start + AT_ONCE]
        new = [(grp, _alias(plan, value), name) for grp, value, name in some]
        done += await _write(
            store,
            ("DELETE FROM list_entries WHERE grp = ? AND value = ?", [(grp, value) for grp, value, _ in some]),
            ("INSERT INTO list_entries (grp, value, list) VALUES (?,?,?) ON CONFLICT (list, value) DO NOTHING", new),
        )
    told(len(rows))
    return done


async def _audit(store: Store, plan: NumberPlan, told: Told) -> int:
    def hidden(text: str) -> str:
        return _IN_TEXT.sub(lambda found: _alias(plan, found[0]), text)

    rows, new = await store.read(tuple, "SELECT n, before, after FROM audit"), []
    for n, before, after in rows:
        if (hidden(before), hidden(after)) != (before, after):
            new.append((hidden(before), hidden(after), n))
    if new:
        async with store.transaction() as conn, audit_opened(conn):
            await conn.executemany("UPDATE audit SET before = ?, after = ? WHERE n = ?", new)
    told(len(rows))
    return len(new)


async def _write(store: Store, *statements: tuple[str, Sequence[Any]]) -> int:
    """Rows of the first statement."""
    some: list[Statement] = [(sql, rows) for sql, rows in statements if rows]
    if some:
        await store.write(*some)
    return len(statements[0][1])
