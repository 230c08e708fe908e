"""Everything of an embedded file into an empty database of a server: all or nothing, the file stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from agi_screen.base.errors import StoreError
from agi_screen.base.store import Store
from agi_screen.base.store_conn import Conn, Reading
from agi_screen.base.store_lists import Progress
from agi_screen.base.store_opening import reading
from agi_screen.base.text import storable

AT_ONCE = 5_000
COUNTED = ("calls", "feedback", "settings_history", "tokens", "audit")  # their `n` goes on after the last one copied
TABLES = (
    *(*COUNTED, "call_ends", "list_groups", "list_entries", "passes", "callers", "settings"),
    *("accounts", "sessions"),
)
MADE = "node"  # the server gives its own: the name of the machine that copies


async def copy_into(store: Store, file: Path, now: float, progress: Progress) -> dict[str, int]:
    """Rows by table. `progress` is told of each portion. Raises StoreError."""
    with reading(file, now) as source:
        async with store.transaction() as conn:
            await _check_empty(store, conn)
            return {table: await _copied(source, conn, table, progress) for table in TABLES}


async def _check_empty(store: Store, conn: Conn) -> None:
    for table in TABLES:
        if list(await conn.execute_fetchall(f"SELECT 1 FROM {table} LIMIT 1")):  # noqa: S608 - our own names
            raise StoreError(f"{store.place}: has {table} already: copy into an empty database")


async def _copied(source: Reading, conn: Conn, table: str, progress: Progress) -> int:
    columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})") if row[1] != MADE]
    names, marks = ", ".join(columns), ",".join("?" * len(columns))
    rows = _storable(source.execute(f"SELECT {names} FROM {table}"))  # noqa: S608 - our own names
    count = 0
    while portion := list(islice(rows, AT_ONCE)):
        await conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", portion)  # noqa: S608
        count += len(portion)
        progress(len(portion))
    if table in COUNTED and count:
        last = f"SELECT setval(pg_get_serial_sequence('{table}', 'n'), (SELECT max(n) FROM {table}))"  # noqa: S608
        await conn.execute(last)
    return count


def _storable(rows: Any) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield tuple(storable(value) if isinstance(value, str) else value for value in row)
