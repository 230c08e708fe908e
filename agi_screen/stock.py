"""What the judge knows from the store: lists, passes, callers, the level set by hand. Loaded, and kept up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agi_screen.base.clock import Clock
from agi_screen.base.errors import AgiScreenError, StoreError
from agi_screen.base.late_store import LateStore
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.store_numbers import remark_on_numbers
from agi_screen.base.store_peek import peek_groups
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.levels import Levels
from agi_screen.settings import Settings
from agi_screen.trail.calls import Recorder

log = logging.getLogger("agi_screen")

PURGE_SECONDS = 86400.0
STORE_RETRY_SECONDS = 5.0
LISTS_SECONDS = 2.0  # so long after another daemon's change of the lists it is in force here


class Stock:
    """A store that is broken or away never keeps a call waiting: what was loaded stays in force."""

    def __init__(
        self,
        store: LateStore,
        judge: Judge,
        levels: Levels,
        recorder: Recorder,
        plan: NumberPlan,
        settings: Callable[[], Settings],
        clock: Clock,
    ) -> None:
        self.loaded = False  # lists and passes are in force
        self.listed = False  # the lists are
        self.numbers_remark = ""  # what is wrong with the key of the numbers
        self._store = store
        self._judge = judge
        self._levels = levels
        self._recorder = recorder
        self._plan = plan
        self._passes: PassBook = judge.passes
        self._settings = settings
        self._clock = clock
        self._lists_lock = asyncio.Lock()
        self._lists_asked = self._lists_loaded = 0
        self._lists_version = ""
        self._relisting: asyncio.Task[None] | None = None

    async def load_lists(self) -> int:
        """Replaces the lists in memory by those of the store. Raises StoreError or ListEntryError, changing nothing.

        One load at a time, or an older state could come last; who waits for it shares the next one."""
        self._lists_asked += 1
        mine = self._lists_asked
        async with self._lists_lock:
            if self._lists_loaded < mine:
                asked = self._lists_asked
                await self._store.look()
                version = await self._store.lists_version()  # before: what is changed meanwhile is read once more
                groups = await self._store.entry_groups()
                self._judge.lists = await asyncio.to_thread(Lists.build_groups, groups, self._clock.wall())
                self._lists_loaded, self._lists_version = asked, version
        return len(self._judge.lists)

    async def load(self) -> None:
        try:
            await self._store.open()
            await self._levels.restore()
            await self.load_lists()
            self.numbers_remark = await remark_on_numbers(self._store.opened, self._plan.pseudonyms, self._clock.wall())
            self._passes.restore(await self._store.passes())
            self._judge.memory.callers.restore(await self._store.callers(self._settings().config.callers.capacity))
        except AgiScreenError as error:
            await self._peek_lists()
            with_what = "with the lists as they are, WITHOUT passes" if self.listed else "WITHOUT lists and passes"
            log.critical("calls are taken %s, records wait in memory: %s", with_what, error)
        else:
            self.loaded = self.listed = True
            self._recorder.retry()

    async def _peek_lists(self) -> None:
        """Of a disk that is full or read-only the lists can be read even so."""
        place = self._settings().place
        if self.listed or not isinstance(place, Path):
            return
        with suppress(AgiScreenError):
            groups = await asyncio.to_thread(peek_groups, place)
            self._judge.lists = await asyncio.to_thread(Lists.build_groups, groups, self._clock.wall())
            self.listed = True

    async def keep(self) -> None:
        """Loads a store that was broken at the start as soon as it is not, and begins a damaged one afresh."""
        while True:
            await asyncio.sleep(STORE_RETRY_SECONDS)
            if not self.loaded:
                await self.load()
            await self._look_at_store()

    async def _look_at_store(self) -> None:
        before = self._store.problem
        try:
            await self._store.look()
            if await self._store.renew():
                await self.load_lists()
            if before and not self._store.problem:
                self._recorder.retry()
        except AgiScreenError as error:
            log.critical("records wait in memory, the lists in force stay as they are: %s", error)

    async def purge(self) -> None:
        """Entries that expired a week ago are shown to nobody any more."""
        while True:
            await asyncio.sleep(PURGE_SECONDS)
            try:
                gone = await self._store.purge_entries()
            except StoreError as error:
                log.warning("expired list entries stay for now: %s", error)
            else:
                log.info("expired list entries forgotten: %d", gone)

    async def watch(self) -> None:
        """What other daemons changed in a database that is shared."""
        while True:
            await asyncio.sleep(LISTS_SECONDS)
            try:
                if self._store.shared and self.loaded and await self._store.lists_version() != self._lists_version:
                    log.info("lists changed elsewhere: %d entries", await self.load_lists())
            except AgiScreenError as error:
                log.debug("the lists stay as they are: %s", error)  # the recorder tells of a broken store

    def clock_set(self, seconds: float) -> None:
        """Set back, entries that had expired hold again: those that a reload has left out meanwhile too."""
        if seconds < 0 and self.loaded:
            self._relisting = asyncio.create_task(self._lists_again())

    async def _lists_again(self) -> None:
        try:
            await self.load_lists()
        except AgiScreenError as error:
            log.error("lists are those of before the clock was set: %s", error)
