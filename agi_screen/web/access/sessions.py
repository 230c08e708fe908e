"""Sessions in the store: a restart of the daemon logs nobody out, and a thief of the file gets no cookie."""

from __future__ import annotations

from typing import NamedTuple

from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer, insert_audit
from agi_screen.web.access.accounts import DELETE_OVER, Account
from agi_screen.web.access.secret import digest, new_secret

SELECT = "SELECT hash, account, stamp, started, seen FROM sessions"
INSERT = "INSERT INTO sessions (hash, account, stamp, started, seen) VALUES (?,?,?,?,?)"
MOST = 20  # of one account: the oldest goes
DELETE_MORE = (
    "DELETE FROM sessions WHERE lower(account) = lower(?) AND hash NOT IN "
    "(SELECT hash FROM sessions WHERE lower(account) = lower(?) ORDER BY started DESC LIMIT ?)"
)


class Session(NamedTuple):
    """Somebody's log-in."""

    hash: bytes
    account: str
    stamp: int
    started: float
    seen: float


async def all_sessions(store: Store) -> list[Session]:
    return await store.read(Session._make, SELECT)


async def start_session(store: Store, doer: Doer, account: Account, started_after: float, old: str) -> str:
    """The new session's secret. `old`, the one that came with the log-in, ends; so do those from before
    `started_after`."""
    secret = new_secret()
    async with store.transaction() as conn:
        await conn.execute("DELETE FROM sessions WHERE hash = ? OR started < ?", (digest(old), started_after))
        await conn.execute(INSERT, (digest(secret), account.name, account.stamp, doer.at, doer.at))
        await conn.execute(DELETE_MORE, (account.name, account.name, MOST))
        await conn.execute(DELETE_OVER)
        await insert_audit(conn, doer, "log-in")
    return secret


async def end_session(store: Store, doer: Doer, secret: str) -> None:
    async with store.transaction() as conn:
        await conn.execute("DELETE FROM sessions WHERE hash = ?", (digest(secret),))
        await insert_audit(conn, doer, "log-out")


async def note_seen(store: Store, session: bytes, at: float) -> None:
    await store.behind(("UPDATE sessions SET seen = ? WHERE hash = ?", [(at, session)]))
