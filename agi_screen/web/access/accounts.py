"""Accounts in the store: each change with its line in the audit log, in one transaction."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer, insert_audit
from agi_screen.base.store_conn import Conn
from agi_screen.web.route import ApiError, Role

AccountName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,39}$")]
_NAME: TypeAdapter[str] = TypeAdapter(AccountName)
SELECT = "SELECT name, role, password, stamp, added FROM accounts"
INSERT = "INSERT INTO accounts (name, role, password, stamp, added) VALUES (?,?,?,?,?)"
DELETE_OVER = (
    "DELETE FROM sessions WHERE NOT EXISTS "
    "(SELECT 1 FROM accounts a WHERE lower(a.name) = lower(sessions.account) AND a.stamp = sessions.stamp)"
)


class Account(NamedTuple):
    """`password` is its argon2 hash. `stamp` goes up with each password: sessions of an older one are over."""

    name: str
    role: Role
    password: str
    stamp: int
    added: float


def account(row: tuple[Any, ...]) -> Account:
    name, role, *rest = row
    return Account(name, Role.named(role), *rest)


def check_name(name: str) -> None:
    """Raises ApiError."""
    try:
        _NAME.validate_python(name)
    except ValidationError as error:
        mend = "take letters, digits and . _ @ -, forty at most, a letter or digit first"
        raise ApiError(400, "name", name, mend) from error


async def all_accounts(store: Store) -> list[Account]:
    return await store.read(account, f"{SELECT} ORDER BY lower(name)")


async def add_account(store: Store, doer: Doer, name: str, role: Role, password: str) -> None:
    """`password` is the hash. The set-up link dies with the first account."""
    async with store.transaction() as conn:
        await insert_account(conn, doer, name, role, password)


async def insert_account(conn: Conn, doer: Doer, name: str, role: Role, password: str) -> None:
    """The same in a transaction that is open already."""
    check_name(name)
    if await _found(conn, name):
        raise ApiError(409, "name", name, "there is such an account already")
    # An account of this name that was removed, and its sessions, must not come back to life.
    await conn.execute(INSERT, (name, str(role), password, int(doer.at * 1000), doer.at))
    await conn.execute("DELETE FROM setup_link")
    await insert_audit(conn, doer, "account added", "", f"{name}: {role}")


async def remove_account(store: Store, doer: Doer, name: str) -> None:
    """Its sessions are over at once."""
    async with store.transaction() as conn:
        old = await _one(conn, name)
        await _not_the_last(conn, old)
        await conn.execute("DELETE FROM accounts WHERE lower(name) = lower(?)", (name,))
        await conn.execute(DELETE_OVER)
        await insert_audit(conn, doer, "account removed", f"{old.name}: {old.role}")


async def set_role(store: Store, doer: Doer, name: str, role: Role) -> None:
    """In force for its sessions too."""
    async with store.transaction() as conn:
        old = await _one(conn, name)
        if role < Role.ADMIN:
            await _not_the_last(conn, old)
        await conn.execute("UPDATE accounts SET role = ? WHERE lower(name) = lower(?)", (str(role), name))
        await insert_audit(conn, doer, "account role", f"{old.name}: {old.role}", f"{old.name}: {role}")


async def set_password(store: Store, doer: Doer, name: str, password: str) -> int:
    """`password` is the hash. All its sessions are over; returns the stamp of those to come."""
    async with store.transaction() as conn:
        old = await _one(conn, name)
        await conn.execute(
            "UPDATE accounts SET password = ?, stamp = stamp + 1 WHERE lower(name) = lower(?)", (password, name)
        )
        await conn.execute(DELETE_OVER)
        await insert_audit(conn, doer, "account password", "", old.name)
    return old.stamp + 1


async def hash_anew(store: Store, old: Account, password: str) -> None:
    """The same password under today's costs: nothing else changes."""
    sql = "UPDATE accounts SET password = ? WHERE lower(name) = lower(?) AND password = ?"
    await store.write((sql, [(password, old.name, old.password)]))


async def _found(conn: Conn, name: str) -> Account | None:
    rows = list(await conn.execute_fetchall(f"{SELECT} WHERE lower(name) = lower(?)", (name,)))
    return account(tuple(rows[0])) if rows else None


async def _one(conn: Conn, name: str) -> Account:
    found = await _found(conn, name)
    if found is None:
        raise ApiError(404, "name", name, "there is no such account")
    return found


async def _not_the_last(conn: Conn, old: Account) -> None:
    rows = list(await conn.execute_fetchall("SELECT count(*) FROM accounts WHERE role = 'admin'"))
    if old.role is Role.ADMIN and rows[0][0] < 2:
        raise ApiError(409, "name", old.name, "is the last admin: make another one first")
