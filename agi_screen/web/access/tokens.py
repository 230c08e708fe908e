"""Tokens of programs: a name, a role, an end. Shown once; they stay when who made them goes."""

from __future__ import annotations

from typing import Any, NamedTuple

from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer, insert_audit
from agi_screen.web.access.accounts import check_name
from agi_screen.web.access.secret import TOKEN, digest, new_secret
from agi_screen.web.route import ApiError, Role

SELECT = "SELECT n, name, role, hash, made_by, made, expires, used FROM tokens ORDER BY n"
INSERT = "INSERT INTO tokens (name, role, hash, made_by, made, expires, used) VALUES (?,?,?,?,?,?,0)"


class Token(NamedTuple):
    """`expires` 0: never; `used` 0: not yet."""

    n: int
    name: str
    role: Role
    hash: bytes
    made_by: str
    made: float
    expires: float
    used: float


def token(row: tuple[Any, ...]) -> Token:
    n, name, role, *rest = row
    return Token(n, name, Role.named(role), *rest)


async def all_tokens(store: Store) -> list[Token]:
    return await store.read(token, SELECT)


async def add_token(store: Store, doer: Doer, name: str, role: Role, expires: float) -> str:
    """The token itself, which nobody can look up later."""
    check_name(name)
    if expires and expires <= doer.at:
        raise ApiError(400, "expires", f"{expires:.0f}", "is over already: give a time to come, or 0 for never")
    secret = TOKEN + new_secret()
    async with store.transaction() as conn:
        if list(await conn.execute_fetchall("SELECT 1 FROM tokens WHERE lower(name) = lower(?)", (name,))):
            raise ApiError(409, "name", name, "there is such a token already")
        await conn.execute(INSERT, (name, str(role), digest(secret), doer.who, doer.at, expires))
        await insert_audit(conn, doer, "token added", "", f"{name}: {role}")
    return secret


async def remove_token(store: Store, doer: Doer, name: str) -> None:
    """Revoked at once."""
    async with store.transaction() as conn:
        rows = list(await conn.execute_fetchall("SELECT name, role FROM tokens WHERE lower(name) = lower(?)", (name,)))
        if not rows:
            raise ApiError(404, "name", name, "there is no such token")
        await conn.execute("DELETE FROM tokens WHERE lower(name) = lower(?)", (name,))
        await insert_audit(conn, doer, "token removed", f"{rows[0][0]}: {rows[0][1]}")


async def note_used(store: Store, n: int, at: float) -> None:
    await store.behind(("UPDATE tokens SET used = ? WHERE n = ?", [(at, n)]))
