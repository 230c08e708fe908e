"""The lists of all machines are one: each keeps all of it in its own store, and Redis carries the changes.

A change is written here first, as without other machines, and told afterwards. So nothing waits for Redis, a dead Redis
changes nothing, and what was changed meanwhile, here and elsewhere, is told when it is back: of each entry the last
change wins on all machines. Telling a change twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from agi_screen.base import store_list_journal as journal
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.late_store import LateStore
from agi_screen.base.store import Store
from agi_screen.base.store_list_journal import Change
from agi_screen.base.text import escape
from agi_screen.cluster.connect import Access
from agi_screen.cluster.room import AwayError, Page, Room
from agi_screen.cluster.said import entry_key, read_change, write_change
from agi_screen.cluster.seal import Seal, SealError
from agi_screen.machines import Machines

log = logging.getLogger("agi_screen.lists")

LOOK_SECONDS: Final = 1.0
TOLD_AT_ONCE: Final = 250  # Redis does nothing else meanwhile, and calls ask it too: two milliseconds
READ_AT_ONCE: Final = 500
CLOCKS_US: Final = 50_000  # a difference of the clocks that is written down


class ListSharing:
    """`load` takes the lists of the store into force."""

    def __init__(
        self, access: Access, seal: Seal, store: LateStore, machines: Machines, load: Callable[[], Awaitable[int]]
    ) -> None:
        self.state = "not begun"
        self.counts: Counter[str] = Counter()  # told, taken, refused, begun_anew
        self._access, self._seal, self._store = access, seal, store
        self._machines, self._load = machines, load
        self._journal = False
        self._ahead: int | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="lists-shared")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _keep(self) -> None:
        room = Room(self._access)
        try:
            while True:
                await self._round(room)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await room.close()

    async def _round(self, room: Room) -> None:
        try:
            await self._step(room, self._store.opened)
        except AgiScreenError as error:
            if self.state != str(error):
                log.warning("the lists are not compared with other machines': %s", error)
            self.state = str(error)
        else:
            if self.state != "ok":
                log.info("the lists are those of all machines")
            self.state = "ok"

    async def _step(self, room: Room, store: Store) -> None:
        if not self._machines.now_us:
            raise AwayError("Redis has not told the time yet")
        if not self._journal:
            await journal.keep_journal(store)
            self._journal = True
        await self._set_clock(store)
        where = await journal.place(store)
        page = await room.read(where.place, READ_AT_ONCE)
        if page.epoch != where.epoch or page.last < where.place:
            log.warning("Redis is new, or has lost something: all list entries are told and read again")
            self.counts["begun_anew"] += bool(where.epoch)
            await journal.begin_anew(store, page.epoch)
            page = await room.read(0, READ_AT_ONCE)
        await self._tell(room, store, page.epoch)
        await self._take(room, store, page)

    async def _set_clock(self, store: Store) -> None:
        """Changes are stamped by the clock that all machines share, as far as we know it."""
        ahead = self._machines.ahead_us
        if self._machines.now_us and (self._ahead is None or abs(ahead - self._ahead) > CLOCKS_US):
            await journal.set_ahead(store, ahead)
            self._ahead = ahead

    async def _tell(self, room: Room, store: Store, epoch: str) -> None:
        while changes := await journal.untold(store, TOLD_AT_ONCE):
            texts = await asyncio.to_thread(self._texts, changes)
            answer = await room.tell(texts)
            if answer.epoch != epoch:
                return  # another Redis than a moment ago: the next step begins anew
            await journal.told(store, changes)
            self.counts["told"] += len(changes)

    def _texts(self, changes: Sequence[Change]) -> list[tuple[str, str]]:
        return [(entry_key(change), write_change(self._seal, change)) for change in changes]

    async def _take(self, room: Room, store: Store, page: Page) -> None:
        epoch, applied = page.epoch, 0
        while page.rows and page.epoch == epoch:
            changes = await asyncio.to_thread(self._read, page.rows)
            taken = await journal.take(store, changes, page.rows[-1][0], lambda c: write_change(self._seal, c))
            applied += taken.applied
            self._refused(taken.refused)
            page = await room.read(page.rows[-1][0], READ_AT_ONCE)
        if applied:
            self.counts["taken"] += applied
            count = await self._load()
            log.info("lists: %d changes of other machines taken, %d entries now", applied, count)

    def _read(self, rows: Sequence[tuple[int, bytes, bytes]]) -> list[Change]:
        """In a thread. Only what is sealed with our secret, and has the shape of a list entry."""
        found: dict[str, Change] = {}
        for _, key, text in rows:
            try:
                change = read_change(self._seal, key, text, self._machines.now_us)
            except SealError as error:
                self.counts["refused"] += 1
                log.error(
                    "a list entry in Redis is not taken: %s %s", escape(key.decode("utf-8", "replace"), 60), error
                )
            else:
                found[entry_key(change)] = change
        return list(found.values())

    def _refused(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self.counts["refused"] += 1
            more = "there would be more patterns than are taken: remove some, then write it anew"
            log.error("%s %s of another machine is NOT on our list: %s", change.list, escape(change.value, 60), more)

    def status(self) -> dict[str, Any]:
        return {"state": self.state, **{name: self.counts[name] for name in ("told", "taken", "refused")}}
