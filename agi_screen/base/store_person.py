"""All that the database says of one caller: found for an export, and taken out for an erasure.

Portable SQL: what is SQLite's own stands in store_space.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agi_screen.base.masking import masked
from agi_screen.base.pseudonym import is_pseudonym, short_form
from agi_screen.base.records import CallerRecord
from agi_screen.base.store import Store
from agi_screen.base.store_calls import CALL_COLUMNS, END_COLUMNS
from agi_screen.base.store_conn import Conn
from agi_screen.base.store_space import audit_opened

ERASED = "[erased]"
_CALLS = ", ".join([*(f"c.{name}" for name in CALL_COLUMNS), *(f"e.{name}" for name in END_COLUMNS)])
# As it was sent a number counts only where the plan made none of it: 0415… may be somebody else's elsewhere.
_OF_CALLER = "(caller IN ({0}) OR (caller = '' AND caller_raw IN ({0})))"
_LISTS = (
    "SELECT g.list, g.kind, e.value, g.reason, g.source, g.added, g.expires FROM list_entries e "
    "JOIN list_groups g ON g.n = e.grp WHERE e.value IN ({0})"
)
_AUDIT = "SELECT n, at, who, address, what, before, after FROM audit ORDER BY n"
_PORTION = 500


@dataclass(frozen=True, slots=True)
class Person:
    """One caller, and every way in which the number may stand: E.164, its pseudonym, as trunks and people write it."""

    number: str
    names: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What may stand in a log: not the number."""
        return masked(self.number) if not is_pseudonym(self.number) else short_form(self.number)

    def pattern(self) -> re.Pattern[str]:
        """Finds the number in a text, not in the middle of a longer one."""
        names = sorted(self.names, key=len, reverse=True)
        return re.compile("|".join(rf"(?<![0-9+]){re.escape(name)}(?![0-9])" for name in names))


def person_of(number: str, alias: str, raw: str) -> Person:
    """`number` is a `Number.key`. Of a North American number also its ten and eleven digits."""
    names = {number, alias, raw.strip()}
    if number.startswith("+") and not is_pseudonym(number):
        names |= {number[1:], f"00{number[1:]}", f"011{number[1:]}"}
        names |= {number[2:], f"0{number[2:]}"} if number.startswith("+1") and len(number) == 12 else set()
    return Person(number, tuple(sorted(name for name in names if len(name) > 2)))


def marks(count: int) -> str:
    return ",".join("?" * count)


def _some(sql: str, names: Sequence[str]) -> str:
    return sql.format(marks(len(names)))


async def stored_of(store: Store, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Everything, by table. Reads whole tables: takes as long as the disk takes."""
    names = person.names
    twice = [*names, *names]
    calls = f"SELECT {_CALLS} FROM calls c LEFT JOIN call_ends e ON e.uniqueid = c.uniqueid WHERE "  # noqa: S608
    of_caller = _some(_OF_CALLER, names).replace("caller", "c.caller")
    found = {"calls": await store.read(_call, f"{calls}{of_caller} ORDER BY c.started", twice)}
    callers = f"SELECT {', '.join(CallerRecord._fields)} FROM callers WHERE caller IN ({marks(len(names))})"  # noqa: S608
    found["callers"] = await store.read(_named(CallerRecord._fields), callers, names)
    passes = _some("SELECT caller, trunk, uses_left, expires FROM passes WHERE caller IN ({0})", names)
    found["passes"] = await store.read(_named(("caller", "trunk", "uses_left", "expires")), passes, names)
    columns = ("call_id", "caller", "label", "operator", "at")
    feedback = _some("SELECT call_id, caller, label, operator, at FROM feedback WHERE caller IN ({0})", names)
    found["feedback"] = await store.read(_named(columns), feedback, names)
    entry = ("list", "kind", "value", "reason", "source", "added", "expires")
    found["list_entries"] = await store.read(_named(entry), _some(_LISTS, names), names)
    line = ("n", "at", "who", "address", "what", "before", "after")
    said = person.pattern()
    lines = await store.read(_named(line), _AUDIT)
    found["audit"] = [one for one in lines if said.search(f"{one['before']} {one['after']}")]
    return found


def _named(names: Sequence[str]) -> Any:
    return lambda row: dict(zip(names, row, strict=True))


def _call(row: Sequence[Any]) -> dict[str, Any]:
    call = dict(zip(CALL_COLUMNS, row, strict=False))
    for name in ("evidence", "conduct", "tampering"):
        call[name] = json.loads(call[name])
    end = dict(zip(END_COLUMNS, row[len(CALL_COLUMNS) :], strict=True))
    return {**call, "end": end if end["uniqueid"] is not None else None}


async def erase(store: Store, person: Person, *, lists: bool, keep_audit_line: tuple[object, ...]) -> dict[str, int]:
    """Deletes the person's rows, a portion of calls at a time; rewrites the audit log without the number; writes the
    line of the erasure itself. Returns how many rows of each table went. Raises StoreError."""
    gone = {"calls": 0, "call_ends": 0}
    while found := await _portion_of_calls(store, person.names):
        async with store.transaction() as conn:
            for name, count in (await _delete_calls(conn, found)).items():
                gone[name] = gone.get(name, 0) + count
    async with store.transaction() as conn:
        for table in ("feedback", "callers", "passes"):
            sql = _some(f"DELETE FROM {table} WHERE caller IN ({{0}})", person.names)  # noqa: S608
            gone[table] = gone.get(table, 0) + (await conn.execute(sql, person.names)).rowcount
        if lists:
            sql = _some("DELETE FROM list_entries WHERE value IN ({0})", person.names)
            gone["list_entries"] = (await conn.execute(sql, person.names)).rowcount
        gone["audit"] = await _rewrite_audit(conn, person)
        counts = " ".join(f"{name}={count}" for name, count in gone.items() if count)
        at, who, address = keep_audit_line
        insert = "INSERT INTO audit (at, who, address, what, before, after) VALUES (?,?,?,?,?,?)"
        await conn.execute(insert, (at, who, address, "caller forgotten", "", f"{person.shown} {counts}"))
    return gone


async def _portion_of_calls(store: Store, names: Sequence[str]) -> list[tuple[str, str]]:
    sql = f"SELECT id, uniqueid FROM calls WHERE {_some(_OF_CALLER, names)} LIMIT {_PORTION}"  # noqa: S608
    return await store.read(tuple, sql, [*names, *names])


async def _delete_calls(conn: Conn, found: list[tuple[str, str]]) -> dict[str, int]:
    ids, uniqueids = [ident for ident, _ in found], sorted({uniqueid for _, uniqueid in found})
    of_ids, of_ends = marks(len(ids)), marks(len(uniqueids))
    marked = await conn.execute(f"DELETE FROM feedback WHERE call_id IN ({of_ids})", ids)  # noqa: S608
    ends = await conn.execute(f"DELETE FROM call_ends WHERE uniqueid IN ({of_ends})", uniqueids)  # noqa: S608
    calls = await conn.execute(f"DELETE FROM calls WHERE id IN ({of_ids})", ids)  # noqa: S608
    return {"feedback": marked.rowcount, "call_ends": ends.rowcount, "calls": calls.rowcount}


async def _rewrite_audit(conn: Conn, person: Person) -> int:
    """The log keeps who did what and when; of whom goes. What is on a list still, stays to be understood."""
    said, changed = person.pattern(), []
    sql = _some("SELECT count(*) FROM list_entries WHERE value IN ({0})", person.names)
    listed = next(iter(await conn.execute_fetchall(sql, person.names)))[0] > 0
    rows = await conn.execute_fetchall("SELECT n, what, before, after FROM audit")
    for n, what, before, after in rows:
        if listed and what.startswith("list entry"):
            continue
        new = (said.sub(ERASED, before), said.sub(ERASED, after))
        if new != (before, after):
            changed.append((*new, n))
    if changed:
        async with audit_opened(conn):
            await conn.executemany("UPDATE audit SET before = ?, after = ? WHERE n = ?", changed)
    return len(changed)
