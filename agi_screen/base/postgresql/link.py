"""One connection in a thread of its own, made again when it is lost. Whoever waits for it waits a bounded time."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from agi_screen.base.errors import StoreError
from agi_screen.base.postgresql.connect import CONNECT_SECONDS, STATEMENT_SECONDS, PgConnection, connect
from agi_screen.base.store_place import Server

T = TypeVar("T")
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
PATIENCE_SECONDS = float(CONNECT_SECONDS + STATEMENT_SECONDS)


class Link:
    """`run` may connect first; `on` uses a connection as it is, for what must not be parted from its transaction."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._thread = ThreadPoolExecutor(1, "postgresql")
        self._conn: PgConnection | None = None
        self._wire: socket.socket | None = None

    async def run(self, work: Callable[[PgConnection], T]) -> T:
        """For work that may be done again: an old connection can have died unnoticed."""
        return await self._bounded(lambda: self._tried(work), PATIENCE_SECONDS)

    async def on(self, conn: PgConnection, work: Callable[[PgConnection], T], patience: float) -> T:
        return await self._bounded(lambda: work(conn), patience)

    async def undo(self) -> None:
        """Rolls back what is open, where the connection is still there: when it is not, nor is the transaction."""
        await self._bounded(self._rolled_back, PATIENCE_SECONDS)

    async def close(self) -> None:
        with suppress(StoreError):  # the thread still tries to connect: it ends by itself
            await self._bounded(self._drop, CONNECT_SECONDS)
        self._thread.shutdown(wait=False)

    async def _bounded(self, work: Callable[[], T], patience: float) -> T:
        try:
            async with asyncio.timeout(patience):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except TimeoutError:
            self._cut()
            raise StoreError(
                f"{self._server}: no answer in {patience:g} s: look for its load, and for who locks"
            ) from None

    def _tried(self, work: Callable[[PgConnection], T]) -> T:
        old = self._conn
        conn = self._connected()
        try:
            return work(conn)
        except psycopg.OperationalError:
            if conn is not old or not conn.closed:
                raise
        return work(self._connected())

    def _connected(self) -> PgConnection:
        if self._conn is None or self._conn.closed:
            self._drop()
            self._conn = connect(self._server)
            # A number of our own for the same socket: libpq's may be another file's by the time we cut it.
            self._wire = socket.socket(fileno=os.dup(self._conn.fileno()))
        return self._conn

    def _rolled_back(self) -> None:
        if self._conn is not None and self._conn.info.transaction_status in _OPEN:
            self._conn.execute("ROLLBACK")

    def _drop(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None
        if self._wire is not None:
            self._wire.close()

    def _cut(self) -> None:
        """Ends the thread's waiting; it finds the connection lost."""
        if self._wire is not None:
            with suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)
