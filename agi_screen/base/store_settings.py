"""The history of the settings file: each change with the whole text before and after, secrets masked."""

from __future__ import annotations

import json
from typing import Any

from agi_screen.base.settings_change import FileChange
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer, insert_audit
from agi_screen.base.store_conn import Conn
from agi_screen.base.text import storable

NAME = "settings file"
MOST = 500  # changes that are kept
_INSERT = "INSERT INTO settings_history (name, value, who, at) VALUES (?,?,?,?)"
_TRIM = (
    "DELETE FROM settings_history WHERE name = ? AND n <= (SELECT n FROM settings_history WHERE name = ? "
    "ORDER BY n DESC LIMIT 1 OFFSET ?)"
)
_PAGE = "SELECT n, at, who, value FROM settings_history WHERE name = ? AND n < ? ORDER BY n DESC LIMIT ?"
_ONE = "SELECT n, at, who, value FROM settings_history WHERE name = ? AND n = ?"


async def insert_change(conn: Conn, doer: Doer, what: str, texts: tuple[str, str], told: tuple[str, str]) -> None:
    """The change and its line in the audit log; `texts` before and after, `told` what the audit log says of them."""
    value = json.dumps({"what": what, "before": texts[0], "after": texts[1]}, ensure_ascii=False)
    await conn.execute(_INSERT, (NAME, storable(value), storable(doer.who), doer.at))
    await conn.execute(_TRIM, (NAME, NAME, MOST))
    await insert_audit(conn, doer, what, *told)


async def changes(store: Store, below: int, limit: int) -> list[FileChange]:
    """A page, newest first."""
    return await store.read(_change, _PAGE, (NAME, below, limit))


async def change(store: Store, n: int) -> FileChange | None:
    """One of them."""
    found = await store.read(_change, _ONE, (NAME, n))
    return found[0] if found else None


def _change(row: Any) -> FileChange:
    said = json.loads(row[3])
    return FileChange(row[0], row[1], row[2], said["what"], said["before"], said["after"])
