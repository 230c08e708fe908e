"""The embedded database: one SQLite file, two connections; writes wait for each other, and reads wait for no write."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from agi_screen.base.clock import Clock
from agi_screen.base.store_conn import Conn, Engine, Values
from agi_screen.base.store_errors import is_damage, said_plainly, store_error
from agi_screen.base.store_files import BUSY_SECONDS, PRAGMAS, connect, moved, place_of, prepare, suspect_mark

T = TypeVar("T")
# What people do waits for the disk, so that not even a power cut takes it back. What the daemon writes behind calls
# does not: a power cut takes the last of it, a kill takes nothing that was written.
DURABLE, AT_EASE = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"


class EmbeddedEngine:
    """`Engine` over a file."""

    shared = False
    by_hour = True
    # What SQLite or its driver says of a row it does not take: a call known already, NaN, a lone surrogate, a huge int.
    refusals: tuple[type[Exception], ...] = (sqlite3.IntegrityError, UnicodeEncodeError, OverflowError)

    def __init__(self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self.place = path
        self._writer = writer
        self._reader = reader
        self._write_lock = asyncio.Lock()
        self._file = place_of(path)
        self._damage = ""

    @classmethod
    async def open(cls, path: Path, *, clock: Clock, create: bool, mend: bool) -> Engine:
        """Creates, checks and migrates the file as needed; see `prepare` for `create` and `mend`."""
        await asyncio.to_thread(prepare, path, clock.wall(), create=create, mend=mend)
        with said_plainly(path):
            writer = await _connection(path)
            try:
                reader = await _connection(path)
            except sqlite3.Error:
                await writer.close()
                raise
        return cls(path, writer, reader)

    async def close(self) -> None:
        """Ends both connections; the last one to leave folds the write-ahead log into the file."""
        with said_plainly(self.place):
            await self._reader.close()
            await self._writer.close()

    @property
    def damaged(self) -> bool:
        return bool(self._damage)

    def lost(self) -> str:
        return self._damage or moved(self.place, self._file)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Errors in plain words; damage met now makes the next start check the whole file."""
        with said_plainly(self.place):
            try:
                yield
            except sqlite3.Error as error:
                if is_damage(error):
                    self._damage = str(store_error(self.place, error))
                    with suppress(OSError):
                        suspect_mark(self.place).touch()
                raise

    @asynccontextmanager
    async def transaction(self, *, alone: bool, durable: bool) -> AsyncIterator[Conn]:  # noqa: ARG002 - each one is
        async with self._write_lock:
            try:
                await self._writer.execute(DURABLE if durable else AT_EASE)
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.commit()
            except BaseException:
                # Also when cancelled: the next batch must not find this transaction open.
                await self._writer.rollback()
                raise

    async def read(self, make: Callable[[Any], T], sql: str, values: Values) -> list[T]:
        async with self._reader.cursor() as cursor:
            cursor.row_factory = _made_by(make)
            await cursor.execute(sql, values)
            return cast("list[T]", await cursor.fetchall())


@contextmanager
def file_reading(path: Path, now: float) -> Iterator[sqlite3.Connection]:
    """`Reading` of a file. Raises StoreError; never sets a damaged file aside."""
    prepare(path, now, create=False, mend=False)
    with said_plainly(path), closing(connect(path)) as conn:
        conn.execute("PRAGMA query_only = ON")
        conn.execute("BEGIN")
        yield conn


def _made_by(make: Callable[[Any], T]) -> Any:
    return lambda _, row: make(row)


async def _connection(path: Path) -> aiosqlite.Connection:
    opening = aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    # A disk that hangs must not keep the daemon from ending (before 0.22 the connection was the thread itself).
    thread: Any = getattr(opening, "_thread", opening)
    thread.daemon = True
    conn = await opening
    try:
        for pragma in PRAGMAS:
            await conn.execute(pragma)
    except sqlite3.Error:
        await conn.close()
        raise
    return conn
