"""A store that may be missing: the daemon takes calls without it, and opens it as soon as its place allows."""

from __future__ import annotations

from collections.abc import Sequence

from agi_screen.base.clock import Clock
from agi_screen.base.errors import StoreError
from agi_screen.base.list_entries import EntryGroup
from agi_screen.base.records import CallEnd, CallerRecord, Feedback, Pass
from agi_screen.base.store import Store
from agi_screen.base.store_calls import CallRow
from agi_screen.base.store_place import Place


class LateStore:
    """Every method raises StoreError until `open` has worked."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self._place = place
        self._clock = clock
        self._store: Store | None = None

    async def open(self) -> None:
        """Raises StoreError with place and mend; may be called again."""
        if self._store is None:
            self._store = await Store.open(self._place, clock=self._clock)

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()

    @property
    def opened(self) -> Store:
        """The store itself. Raises StoreError."""
        return self._opened()

    def _opened(self) -> Store:
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
