"""The audit log's guard (a server's: postgresql/dialect.py), and disk space given back, which only a file has."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from agi_screen.base.store_conn import Conn
from agi_screen.base.store_errors import said_plainly
from agi_screen.base.store_files import connect
from agi_screen.base.store_place import Place, Server

_GUARDS = {
    "audit_stays": "BEFORE DELETE ON audit",
    "audit_is_not_rewritten": "BEFORE UPDATE ON audit",
}
_CREATE = "CREATE TRIGGER {0} {1} BEGIN SELECT raise(ABORT, 'the audit log is kept'); END"


@asynccontextmanager
async def audit_opened(conn: Conn) -> AsyncIterator[None]:
    """Inside a transaction, in which the log may be changed: an error takes back the opening with all else."""
    for name in _GUARDS:
        await conn.execute(f"DROP TRIGGER IF EXISTS {name}")
    yield
    for name, when in _GUARDS.items():
        await conn.execute(_CREATE.format(name, when))


async def give_back(place: Place) -> str:
    """Writes the file anew without its free pages and empties the write-ahead log: what was deleted is nowhere any
    more. Others wait meanwhile (some ten seconds a gigabyte). Returns what could not be done, or nothing."""
    if isinstance(place, Server):
        return "a server gives space back by its own vacuum; its write-ahead log and backups keep what they hold"
    return await asyncio.to_thread(_give_back, place)


def _give_back(path: Path) -> str:
    with said_plainly(path), closing(connect(path)) as conn:
        conn.execute("PRAGMA secure_delete = ON")
        conn.execute("VACUUM")
        busy = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return "the write-ahead log is still read by somebody: it is emptied at the daemon's next stop" if busy else ""


def free_bytes(place: Place) -> int:
    """Space inside the file that new records will take first; of a server 0. Raises StoreError."""
    if isinstance(place, Server):
        return 0
    with said_plainly(place), closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as conn:
        pages, size = (conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_size"))
    return int(pages) * int(size)
