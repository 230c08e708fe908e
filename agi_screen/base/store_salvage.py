"""What can still be read of a damaged database: lists first, for they are people's work; then passes, settings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agi_screen.base.records import CallerRecord

Row = tuple[Any, ...]

# Each table is read from both ends of every tree that holds it: what one bad page hides from one way,
# another way mostly reaches.
_WAYS: dict[str, tuple[str, ...]] = {
    "list_groups": (
        "SELECT n, list, kind, reason, source, added, expires FROM list_groups NOT INDEXED ORDER BY n",
        "SELECT n, list, kind, reason, source, added, expires FROM list_groups NOT INDEXED ORDER BY n DESC",
    ),
    "list_entries": (
        "SELECT grp, value, list FROM list_entries NOT INDEXED ORDER BY grp, value",
        "SELECT grp, value, list FROM list_entries NOT INDEXED ORDER BY grp DESC, value DESC",
        "SELECT grp, value, list FROM list_entries INDEXED BY list_entries_value ORDER BY list, value",
        "SELECT grp, value, list FROM list_entries INDEXED BY list_entries_value ORDER BY list DESC, value DESC",
    ),
    "passes": ("SELECT caller, trunk, uses_left, expires FROM passes",),
    "callers": (f"SELECT {', '.join(CallerRecord._fields)} FROM callers",),  # noqa: S608 - our own names
    "settings": ("SELECT name, value FROM settings",),
    "settings_history": ("SELECT n, name, value, who, at FROM settings_history",),
    "accounts": ("SELECT name, role, password, stamp, added FROM accounts",),
    "tokens": ("SELECT n, name, role, hash, made_by, made, expires, used FROM tokens",),
    "audit": ("SELECT n, at, who, address, what, before, after FROM audit",),
    "feedback": ("SELECT n, call_id, caller, label, operator, at FROM feedback",),
}


@dataclass(frozen=True, slots=True)
class Salvage:
    """The rows saved, by table, and the tables that were not read to their end."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    broken: tuple[str, ...] = ()

    def __str__(self) -> str:
        counts = ", ".join(f"{len(rows)} of {table}" for table, rows in self.rows.items() if rows)
        lost = f"; perhaps not all of {', '.join(self.broken)}" if self.broken else ""
        return f"saved from it: {counts or 'nothing'}{lost}"


def salvage(path: Path) -> Salvage:
    """Reads what it can; never raises for what it cannot."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            conn.execute("PRAGMA writable_schema = ON")  # without it no row of a file that was cut short is read
            read = {table: _read(conn, ways) for table, ways in _WAYS.items()}
    except sqlite3.Error:
        return Salvage(broken=tuple(_WAYS))
    broken = tuple(table for table, (_, whole) in read.items() if not whole)
    return Salvage({table: rows for table, (rows, _) in read.items()}, broken)


def _read(conn: sqlite3.Connection, ways: tuple[str, ...]) -> tuple[list[Row], bool]:
    found: dict[Row, None] = {}
    for way in ways:
        try:
            for row in conn.execute(way):
                found[row] = None
        except (sqlite3.Error, UnicodeDecodeError):
            continue
        return list(found), True
    return list(found), False


def put_back(conn: sqlite3.Connection, found: Salvage) -> None:
    """Writes the rows into a fresh database; entries whose group is lost, and rows with holes, stay behind."""
    groups = {row[0] for row in found.rows.get("list_groups", ())}
    conn.execute("BEGIN IMMEDIATE")
    for table, rows in found.rows.items():
        kept: Iterator[Row] = (r for r in rows if table != "list_entries" or r[0] in groups)
        for row in kept:
            marks = ", ".join("?" * len(row))
            conn.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names
    conn.execute("COMMIT")
