"""What has been kept long enough goes, once a day, behind the calls. A fault of it is said, and stops nothing."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from agi_screen.base.clock import Clock
from agi_screen.base.config import Privacy
from agi_screen.base.errors import StoreError
from agi_screen.base.late_store import LateStore
from agi_screen.base.store_retention import Keep, begins, purge

log = logging.getLogger("agi_screen.privacy")

DAY_SECONDS = 86400.0
RETRY_SECONDS = 5.0


def keep_of(table: Privacy) -> Keep:
    return Keep(table.keep_records, table.keep_callers, table.keep_feedback, table.keep_audit)


class Retention:
    """`run` is the task; `purged` counts rows since the start, `state` says how it stands."""

    def __init__(
        self, store: LateStore, table: Callable[[], Privacy], clock: Clock, forgotten: Callable[[str], object]
    ) -> None:
        self._store = store
        self._table = table
        self._clock = clock
        self._forgotten = forgotten
        self.purged: Counter[str] = Counter()
        self.state = "not yet"

    async def run(self) -> None:
        """At the start, and every day."""
        while True:
            done = await self._tried()
            await asyncio.sleep(DAY_SECONDS if done else RETRY_SECONDS)

    async def _tried(self) -> bool:
        try:
            await self.once(self._clock.wall())
        except StoreError as error:
            if not self.state.startswith("behind"):
                log.warning("old records stay for now: %s", error)
            self.state = f"behind: {error}"
            return False
        return True

    async def once(self, now: float) -> None:
        """Raises StoreError."""
        store, keep = self._store.opened, keep_of(self._table())
        begin = await begins(store, keep, now)
        if begin > now:
            would = _told(await purge(store, keep, now, dry=True))
            day = datetime.fromtimestamp(begin, UTC).strftime("%Y-%m-%d")
            self.state = f"from {day} on: {would}"
            mend = "set [privacy] keep_… to keep them, or run `agi-screen privacy purge` to delete them now"
            log.warning("older than [privacy] keeps: %s: deleted from %s on: %s", would, day, mend)
            return
        gone = await purge(store, keep, now, forgotten=self._forgotten)
        self.purged.update(gone)
        self.state = "ok"
        log.info("old records deleted: %s", _told(gone))


def _told(counts: dict[str, int]) -> str:
    return " ".join(f"{name}={count}" for name, count in counts.items() if count) or "none"
