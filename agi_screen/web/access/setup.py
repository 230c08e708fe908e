"""The set-up link: how the first admin comes in where there is no default password. It works once, for an hour."""

from __future__ import annotations

from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer
from agi_screen.web.access.accounts import all_accounts, insert_account
from agi_screen.web.access.secret import digest, new_secret
from agi_screen.web.route import ApiError, Role

SECONDS = 3600.0
MEND = "works once, for an hour, while there is no account: get a new one by `agi-screen account setup-link`"


async def offer(store: Store, now: float) -> str:
    """A new link's secret; one given out before is dead. Empty where there are accounts already."""
    if await all_accounts(store):
        return ""
    secret = new_secret()
    row = (digest(secret), now + SECONDS)
    await store.write(("DELETE FROM setup_link", [()]), ("INSERT INTO setup_link (hash, expires) VALUES (?,?)", [row]))
    return secret


async def check(store: Store, secret: str, now: float) -> None:
    """Raises ApiError where the link is none, used, or over: before a password is hashed for it."""
    sql = "SELECT 1 FROM setup_link WHERE hash = ? AND expires > ?"
    if not await store.read(tuple, sql, (digest(secret), now)):
        raise ApiError(403, "token", "", f"the link {MEND}")


async def use(store: Store, doer: Doer, secret: str, name: str, password: str) -> None:
    """The first admin, or ApiError. `password` is the hash."""
    async with store.transaction() as conn:
        sql = "DELETE FROM setup_link WHERE hash = ? AND expires > ?"
        gone = await conn.execute(sql, (digest(secret), doer.at))
        if not gone.rowcount:
            raise ApiError(403, "token", "", f"the link {MEND}")
        await insert_account(conn, doer, name, Role.ADMIN, password)
