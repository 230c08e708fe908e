"""The audit log: who changed what, when, from where; the database itself lets no line be changed or deleted."""

from __future__ import annotations

from typing import NamedTuple

from agi_screen.base.store import Store
from agi_screen.base.store_conn import Conn
from agi_screen.base.text import storable

INSERT = "INSERT INTO audit (at, who, address, what, before, after) VALUES (?,?,?,?,?,?)"
SELECT = "SELECT n, at, who, address, what, before, after FROM audit WHERE n < ? ORDER BY n DESC LIMIT ?"
NEWEST = 1 << 62
MAX_TEXT = 4000


class Doer(NamedTuple):
    """Who does something: an account, `token NAME`, or `NAME (command)`; from which address, and when."""

    who: str
    address: str
    at: float


class AuditLine(NamedTuple):
    """One change. `n` counts up."""

    n: int
    at: float
    who: str
    address: str
    what: str
    before: str
    after: str


async def insert_audit(conn: Conn, doer: Doer, what: str, before: str = "", after: str = "") -> None:
    """One line, in the transaction of the change itself."""
    texts = (doer.who, doer.address, what, before, after)
    await conn.execute(INSERT, (doer.at, *(storable(text[:MAX_TEXT]) for text in texts)))


async def write_audit(store: Store, doer: Doer, what: str, before: str = "", after: str = "") -> None:
    """One line. Raises StoreError."""
    async with store.transaction() as conn:
        await insert_audit(conn, doer, what, before, after)


async def read_audit(store: Store, below: int = NEWEST, limit: int = 100) -> list[AuditLine]:
    """A page, newest first; the next one begins below the last `n` of this."""
    return await store.read(AuditLine._make, SELECT, (below, limit))
