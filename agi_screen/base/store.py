"""The store: calls, lists, passes, feedback, settings, in one file beside the daemon or in a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from agi_screen.base import store_callers, store_calls, store_lists
from agi_screen.base.clock import Clock
from agi_screen.base.errors import StoreError
from agi_screen.base.list_entries import EntryGroup, grouped
from agi_screen.base.records import CallEnd, CallerRecord, CallRecord, Feedback, ListEntry, ListName, Pass
from agi_screen.base.store_calls import CallRow, Statement, StoredCall, stored_call
from agi_screen.base.store_conn import Conn, Engine, Values
from agi_screen.base.store_lists import Progress
from agi_screen.base.store_opening import open_engine
from agi_screen.base.store_place import Place
from agi_screen.base.store_search import CallFilter, select_calls

T = TypeVar("T")
SET_SETTING = "INSERT INTO settings (name, value) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Store:
    """Every method that touches the database raises StoreError, with its place and the mend, when that does not
    let it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._closed = False

    @classmethod
    async def open(cls, place: Place, *, clock: Clock, create: bool = True, mend: bool = True) -> Store:
        """See `open_engine` for `create` and `mend`."""
        return cls(await open_engine(place, clock=clock, create=create, mend=mend), clock)

    @property
    def place(self) -> Place:
        return self._engine.place

    @property
    def shared(self) -> bool:
        """Whether other daemons may change it."""
        return self._engine.shared

    @property
    def by_hour(self) -> bool:
        """For `select_calls` and `select_nth`."""
        return self._engine.by_hour

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._engine.close()

    @property
    def damaged(self) -> bool:
        """Damage was met since it was opened."""
        return self._engine.damaged

    def lost(self) -> str:
        """Why its connections do not lead to a whole file at its path any more; empty while they do. It may wait for
        the disk."""
        return self._engine.lost()

    async def save_calls(self, records: Sequence[CallRecord]) -> None:
        """All or none; a call saved before takes its last verdict."""
        await self.save_rows([store_calls.call_row(record) for record in records])

    async def save_rows(self, rows: Sequence[CallRow]) -> None:
        """The same for calls that are rows already."""
        with self._watched():
            try:
                await self._run(store_calls.inserts(rows), durable=False)
            except self._engine.refusals:
                await self._run(store_calls.inserts_again(rows), durable=False)

    async def save_ends(self, ends: Sequence[CallEnd]) -> None:
        """All or none; the calls themselves need not be there yet."""
        await self.behind((store_calls.INSERT_END, store_calls.end_rows(ends)))

    async def calls(self, wanted: CallFilter) -> list[StoredCall]:
        """One page, newest first."""
        sql, values = select_calls(wanted, by_hour=self.by_hour)
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
            async with self._engine.transaction(alone=True, durable=True) as conn:
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
        async with self.transaction() as conn:
            gone = (await conn.execute(sql, values)).rowcount
            if gone:
                await store_lists.settle(conn)
        return gone

    async def lists_version(self) -> str:
        """Another one after each change of the lists, whoever made it."""
        return await self.setting(store_lists.LISTS_VERSION) or ""

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
        row = store_calls.feedback_row(feedback)
        await self.behind((store_calls.INSERT_FEEDBACK, [(*row, *row)]))

    async def setting(self, name: str) -> str | None:
        """A setting changed at run time; None when it never was."""
        found = await self.read(lambda row: str(row[0]), "SELECT value FROM settings WHERE name = ?", [name])
        return found[0] if found else None

    async def set_setting(self, name: str, value: str, who: str, at: float) -> None:
        """Keeps who changed it, and when, for ever."""
        history = "INSERT INTO settings_history (name, value, who, at) VALUES (?,?,?,?)"
        await self.write(
            (SET_SETTING, [(name, value)]),
            (history, [(name, value, who, at)]),
        )

    async def write(self, *statements: Statement) -> int:
        """All statements in one transaction; returns the rows that the first changed."""
        with self._watched():
            return await self._run(statements)

    async def behind(self, *statements: Statement) -> None:
        """The same for what is written behind calls."""
        with self._watched():
            await self._run(statements, durable=False)

    async def _run(self, statements: Iterable[Statement], *, durable: bool = True) -> int:
        changed = 0
        async with self._engine.transaction(alone=False, durable=durable) as conn:
            for number, (sql, rows) in enumerate(statements):
                cursor = await conn.executemany(sql, rows)
                changed = changed if number else cursor.rowcount
        return changed

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Conn]:
        """All that is done in it, or nothing; others' wait meanwhile: what was read in it stays so until its end."""
        with self._watched():
            async with self._engine.transaction(alone=True, durable=True) as conn:
                yield conn

    async def read(self, make: Callable[[Any], T], sql: str, values: Values = ()) -> list[T]:
        """Rows become objects in the connection's thread: the loop stays free for calls."""
        with self._watched():
            return await self._engine.read(make, sql, values)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        if self._closed:
            raise StoreError(f"{self.place}: the store is closed")
        with self._engine.watched():
            yield
