"""A PostgreSQL database as the store wants it: writes by one connection, reads by another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

from agi_screen.base.errors import StoreError
from agi_screen.base.postgresql.connect import STATEMENT_SECONDS, PgConnection
from agi_screen.base.postgresql.dialect import postgresql
from agi_screen.base.postgresql.errors import said_plainly
from agi_screen.base.postgresql.link import PATIENCE_SECONDS, Link
from agi_screen.base.postgresql.schema import prepare
from agi_screen.base.store_conn import Conn, Engine, Values
from agi_screen.base.store_place import Server

T = TypeVar("T")
LONG_SECONDS = 300  # a statement of an import: a million entries in place of another million
_LOCK = "SELECT pg_advisory_xact_lock(1095193427)"  # "AGSS": one at a time, of all programs of this database
_LONG = f"SET LOCAL statement_timeout = '{LONG_SECONDS}s'"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a statement did."""

    rowcount: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """`Conn` over one connection, which is never exchanged for another in the middle."""

    link: Link
    conn: PgConnection
    patience: float

    async def execute(self, sql: str, parameters: Iterable[Any] = (), /) -> Ran:
        return await self._do(lambda conn: Ran(conn.execute(postgresql(sql), tuple(parameters)).rowcount))

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]], /) -> Ran:
        def work(conn: PgConnection) -> Ran:
            with conn.cursor() as cursor:
                cursor.executemany(postgresql(sql), (tuple(row) for row in parameters))
                return Ran(max(0, cursor.rowcount))

        return await self._do(work)

    async def execute_fetchall(self, sql: str, parameters: Iterable[Any] = (), /) -> list[tuple[Any, ...]]:
        return await self._do(lambda conn: conn.execute(postgresql(sql), tuple(parameters)).fetchall())

    async def end(self, word: str) -> None:
        await self._do(lambda conn: conn.execute(word))

    async def _do(self, work: Callable[[PgConnection], T]) -> T:
        return await self.link.on(self.conn, work, self.patience)


class ServerEngine:
    """`Engine` over a server. A lost connection costs the transaction under way; the next one makes another."""

    shared = True
    by_hour = False
    refusals: tuple[type[Exception], ...] = (
        *(psycopg.IntegrityError, psycopg.DataError, UnicodeEncodeError, OverflowError),
    )

    def __init__(self, server: Server) -> None:
        self.place = server
        self._writer = Link(server)
        self._reader = Link(server)
        self._write_lock = asyncio.Lock()

    @classmethod
    async def open(cls, server: Server, *, create: bool) -> Engine:
        """Creates and migrates the tables as needed. Raises StoreError."""
        made = cls(server)
        try:
            with said_plainly(server):
                await made._writer.run(lambda conn: prepare(conn, server, create=create))
        except BaseException:  # cancelled too: threads that nobody knows of must not stay
            await made.close()
            raise
        return made

    async def close(self) -> None:
        with said_plainly(self.place):
            await self._reader.close()
            await self._writer.close()

    @property
    def damaged(self) -> bool:
        """A server's damage is for its own people to mend."""
        return False

    def lost(self) -> str:
        return ""

    def watched(self) -> AbstractContextManager[None]:
        return said_plainly(self.place)

    @asynccontextmanager
    async def transaction(self, *, alone: bool, durable: bool) -> AsyncIterator[Conn]:  # noqa: ARG002 - the server says
        async with self._write_lock:
            patience = float(LONG_SECONDS + STATEMENT_SECONDS) if alone else PATIENCE_SECONDS
            try:
                conn = await self._writer.run(lambda conn: _begun(conn, alone=alone))
                opened = Transaction(self._writer, conn, patience)
                yield opened
                await opened.end("COMMIT")
            except BaseException:
                # Also when cancelled: the next batch must not find this transaction open.
                with suppress(psycopg.Error, StoreError):  # lost, and the transaction with it
                    await self._writer.undo()
                raise

    async def read(self, make: Callable[[Any], T], sql: str, values: Values) -> list[T]:
        def work(conn: PgConnection) -> list[T]:
            # Planned for its values: a caller of three calls and a number dialled in all of them need other ways.
            return [make(row) for row in conn.execute(postgresql(sql), tuple(values), prepare=False)]

        return await self._reader.run(work)


def _begun(conn: PgConnection, *, alone: bool) -> PgConnection:
    conn.execute("BEGIN")
    if alone:
        conn.execute(_LONG)
        conn.execute(_LOCK)
    return conn
