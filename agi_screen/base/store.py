"""The embedded store: calls, lists, passes, feedback, settings, in one SQLite file beside the daemon."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from agi_screen.base import store_callers, store_calls, store_lists
from agi_screen.base.clock import Clock
from agi_screen.base.errors import StoreError
from agi_screen.base.list_entries import EntryGroup, grouped
from agi_screen.base.records import CallEnd, CallerRecord, CallRecord, Feedback, ListEntry, ListName, Pass
from agi_screen.base.store_calls import CallRow, Statement, StoredCall, stored_call
from agi_screen.base.store_errors import is_damage, said_plainly, store_error
from agi_screen.base.store_files import BUSY_SECONDS, PRAGMAS, moved, place_of, prepare, suspect_mark
from agi_screen.base.store_lists import Progress
from agi_screen.base.store_search import CallFilter, select_calls

T = TypeVar("T")
Values = Iterable[object]
# What people do waits for the disk, so that not even a power cut takes it back. What the daemon writes behind calls
# does not: a power cut takes the last of it, a kill takes nothing that was written.
DURABLE, AT_EASE = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"


class Store:
    """Two connections: writes wait for each other, and reads wait for no write. Every method that touches
    the file raises StoreError, with path and mend, when the file does not let it."""

    def __init__(self, path: Path, clock: Clock, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self.path = path
        self._clock = clock
        self._writer = writer
        self._reader = reader
        self._write_lock = asyncio.Lock()
        self._closed = False
        self._place = place_of(path)
        self._damage = ""

    @classmethod
    async def open(cls, path: Path, *, clock: Clock, create: bool = True, mend: bool = True) -> Store:
        """Creates, checks and migrates the file as needed; see `prepare` for `create` and `mend`."""
        await asyncio.to_thread(prepare, path, clock.wall(), create=create, mend=mend)
        with said_plainly(path):
            writer = await _connection(path)
            try:
                reader = await _connection(path)
            except sqlite3.Error:
                await writer.close()
                raise
        return cls(path, clock, writer, reader)

    async def close(self) -> None:
        """Ends both connections; the last one to leave folds the write-ahead log into the file."""
        if self._closed:
            return
        self._closed = True
        with said_plainly(self.path):
            await self._reader.close()
            await self._writer.close()

    @property
    def damaged(self) -> bool:
        """Damage was met since it was opened."""
        return bool(self._damage)

    def lost(self) -> str:
        """Why its connections do not lead to a whole file at its path any more; empty while they do. It may wait for
        the disk."""
        return self._damage or moved(self.path, self._place)

    async def save_calls(self, records: Sequence[CallRecord]) -> None:
        """All or none; a call saved before takes its last verdict."""
        await self.save_rows([store_calls.call_row(record) for record in records])

    async def save_rows(self, rows: Sequence[CallRow]) -> None:
        """The same for calls that are rows already."""
        with self._watched():
            try:
                await self._run(store_calls.inserts(rows), AT_EASE)
            except store_calls.REFUSALS:
                await self._run(store_calls.inserts_again(rows), AT_EASE)

    async def save_ends(self, ends: Sequence[CallEnd]) -> None:
        """All or none; the calls themselves need not be there yet."""
        await self.behind((store_calls.INSERT_END, store_calls.end_rows(ends)))

    async def calls(self, wanted: CallFilter) -> list[StoredCall]:
        """One page, newest first."""
        sql, values = select_calls(wanted)
        return await self.read(stored_call, sql, values)

    async def entry_groups(self) -> list[EntryGroup]:
        """All list entries, those that differ only in value together: the quick way to a million."""
        return await self.read(store_lists.entry_group, store_lists.SELECT_GROUPS)

    async def entries(self) -> list[ListEntry]:
        """All list entries, in the order of their adding."""
        groups = await self.entry_groups()
        return await asyncio.to_thread(lambda: [entry for group in groups for entry in group.entries()])

    async def add_entries(self, entries: Sequence[ListEntry]) -> int:
        """All or none; an entry that its list has already is replaced. Returns how many."""
        return await self.add_groups(await asyncio.to_thread(grouped, entries))

    async def add_groups(
        self, groups: Sequence[EntryGroup], *, replaced: str | None = None, progress: Progress = store_lists.no_progress
    ) -> int:
        """The same for groups, none over MAX_GROUP. `replaced` names a source: what came from it goes in the same
        transaction, and entries of other sources stay as they are. Returns how many were written."""
        with self._watched():
            async with self._transaction() as conn:
                return await store_lists.add_groups(conn, groups, replaced, progress)

    async def remove_entry(self, name: ListName, value: str) -> bool:
        """False when the list has no such entry."""
        return await self._remove(store_lists.DELETE_ENTRY, (name.value, value)) > 0

    async def remove_source(self, source: str) -> int:
        """All entries that came from it; returns how many."""
        return await self._remove(store_lists.DELETE_SOURCE, (source,))

    async def purge_entries(self) -> int:
        """Forgets what expired a week ago or longer, a little at a time: records are written in between."""
        before, gone = self._clock.wall() - store_lists.KEPT_EXPIRED_SECONDS, 0
        while now := await self._remove(store_lists.DELETE_EXPIRED, (before,)):
            gone += now
        return gone

    async def _remove(self, sql: str, values: tuple[object, ...]) -> int:
        return await self.write((sql, [values]), (store_lists.DELETE_EMPTY_GROUPS, [()]))

    async def save_passes(self, passes: Sequence[Pass]) -> None:
        """Used-up and expired ones go."""
        await self.behind(
            (store_lists.INSERT_PASS, store_lists.pass_rows(passes)),
            (store_lists.DELETE_OLD_PASSES, [(self._clock.wall(),)]),
        )

    async def passes(self) -> list[Pass]:
        """Those still good."""
        return await self.read(lambda row: Pass(*row), store_lists.SELECT_PASSES, [self._clock.wall()])

    async def save_callers(self, callers: Sequence[CallerRecord]) -> None:
        """What is known of each replaces what was known."""
        await self.behind((store_callers.INSERT_CALLER, store_callers.caller_rows(callers)))

    async def callers(self, most: int) -> list[CallerRecord]:
        """So many of those who are known, and as many others: the last heard of, oldest first."""
        return await self.read(CallerRecord._make, store_callers.SELECT_CALLERS, [most])

    async def save_feedback(self, feedback: Feedback) -> None:
        """An operator's word; each is kept, the last one on a call counts."""
        sql = "INSERT INTO feedback (call_id, caller, label, operator, at) VALUES (?,?,?,?,?)"
        await self.behind((sql, [store_calls.feedback_row(feedback)]))

    async def setting(self, name: str) -> str | None:
        """A setting changed at run time; None when it never was."""
        found = await self.read(lambda row: str(row[0]), "SELECT value FROM settings WHERE name = ?", [name])
        return found[0] if found else None

    async def set_setting(self, name: str, value: str, who: str, at: float) -> None:
        """Keeps who changed it, and when, for ever."""
        history = "INSERT INTO settings_history (name, value, who, at) VALUES (?,?,?,?)"
        await self.write(
            ("INSERT OR REPLACE INTO settings (name, value) VALUES (?,?)", [(name, value)]),
            (history, [(name, value, who, at)]),
        )

    async def write(self, *statements: Statement) -> int:
        """All statements in one transaction; returns the rows that the first changed."""
        with self._watched():
            return await self._run(statements)

    async def behind(self, *statements: Statement) -> None:
        """The same for what is written behind calls."""
        with self._watched():
            await self._run(statements, AT_EASE)

    async def _run(self, statements: Iterable[Statement], synchronous: str = DURABLE) -> int:
        changed = 0
        async with self._transaction(synchronous) as conn:
            for number, (sql, rows) in enumerate(statements):
                cursor = await conn.executemany(sql, rows)
                changed = changed if number else cursor.rowcount
        return changed

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """All that is done in it, or nothing; others' writes wait meanwhile."""
        with self._watched():
            async with self._transaction() as conn:
                yield conn

    @asynccontextmanager
    async def _transaction(self, synchronous: str = DURABLE) -> AsyncIterator[aiosqlite.Connection]:
        async with self._write_lock:
            try:
                await self._writer.execute(synchronous)
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.commit()
            except BaseException:
                # Also when cancelled: the next batch must not find this transaction open.
                await self._writer.rollback()
                raise

    async def read(self, make: Callable[[Any], T], sql: str, values: Values = ()) -> list[T]:
        """Rows become objects in the connection's thread: the loop stays free for calls."""
        with self._watched():
            async with self._reader.cursor() as cursor:
                cursor.row_factory = _made_by(make)
                await cursor.execute(sql, values)
                return cast("list[T]", await cursor.fetchall())

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Errors in plain words; damage met now makes the next start check the whole file."""
        if self._closed:
            raise StoreError(f"{self.path}: the store is closed")
        with said_plainly(self.path):
            try:
                yield
            except sqlite3.Error as error:
                if is_damage(error):
                    self._damage = str(store_error(self.path, error))
                    with suppress(OSError):
                        suspect_mark(self.path).touch()
                raise


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
