"""A store that may be missing: the daemon takes calls without it, and opens it as soon as its place allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from agi_screen.base.clock import Clock
from agi_screen.base.errors import StoreError
from agi_screen.base.list_entries import EntryGroup
from agi_screen.base.records import CallEnd, CallerRecord, Feedback, Pass
from agi_screen.base.store import Store
from agi_screen.base.store_calls import CallRow
from agi_screen.base.store_place import Place

log = logging.getLogger("agi_screen.store")


class LateStore:
    """Every method raises StoreError until `open` has worked."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self._place = place
        self._clock = clock
        self._store: Store | None = None
        self._damaged = False
        self.problem = ""  # why the store that was opened is not used now

    async def open(self) -> None:
        """Raises StoreError with place and mend; may be called again."""
        if self._store is None:
            self._store = await Store.open(self._place, clock=self._clock)

    async def look(self) -> None:
        """Is the file still there, the same one, and whole? A store that is not is left alone until it is."""
        store = self._store
        if store is None:
            return
        problem = await asyncio.to_thread(store.lost)
        if problem != self.problem:
            log.critical("%s", problem or f"{self._place} is back")
        self.problem = problem

    async def renew(self) -> bool:
        """Sets a damaged file aside and opens a fresh one, with what can be saved. False where there is no damage.
        Raises StoreError, and may be called again."""
        if self._store is not None and self._store.damaged:
            self._damaged = True
            await self._store.close()
            self._store = None
        if not self._damaged:
            return False
        self._store = await Store.open(self._place, clock=self._clock, create=False)
        self._damaged, self.problem = False, ""
        return True

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()

    @property
    def opened(self) -> Store:
        """The store itself. Raises StoreError."""
        return self._opened()

    def _opened(self) -> Store:
        if self.problem:
            raise StoreError(self.problem)
        if self._store is None:
            raise StoreError(f"{self._place}: the database is not open yet")
        return self._store

    @property
    def shared(self) -> bool:
        """Whether other daemons may change it."""
        return self._store is not None and self._store.shared

    async def lists_version(self) -> str:
        return await self._opened().lists_version()

    async def entry_groups(self) -> list[EntryGroup]:
        return await self._opened().entry_groups()

    async def setting(self, name: str) -> str | None:
        return await self._opened().setting(name)

    async def set_setting(self, name: str, value: str, who: str, at: float) -> None:
        await self._opened().set_setting(name, value, who, at)

    async def purge_entries(self) -> int:
        return await self._opened().purge_entries()

    async def passes(self) -> list[Pass]:
        return await self._opened().passes()

    async def save_rows(self, rows: Sequence[CallRow]) -> None:
        await self._opened().save_rows(rows)

    async def save_ends(self, ends: Sequence[CallEnd]) -> None:
        await self._opened().save_ends(ends)

    async def save_passes(self, passes: Sequence[Pass]) -> None:
        await self._opened().save_passes(passes)

    async def callers(self, most: int) -> list[CallerRecord]:
        return await self._opened().callers(most)

    async def save_callers(self, callers: Sequence[CallerRecord]) -> None:
        await self._opened().save_callers(callers)

    async def save_feedback(self, feedback: Feedback) -> None:
        await self._opened().save_feedback(feedback)
