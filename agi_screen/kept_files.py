"""What outlives a restart beside the store: callers' rates, and what was learned of normal traffic."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from agi_screen.base.bucket_file import restore, save
from agi_screen.base.buckets import SnapshotError
from agi_screen.base.clock import Clock
from agi_screen.base.learned_file import LearnedError, load_learned
from agi_screen.base.learned_file import save_learned as write_learned
from agi_screen.judge.judge import Judge
from agi_screen.settings import Settings

log = logging.getLogger("agi_screen")

LEARNED_SECONDS = 600.0


class KeptFiles:
    """Two files beside the database. What goes wrong with them is told and borne: the daemon begins anew."""

    def __init__(self, judge: Judge, settings: Callable[[], Settings], clock: Clock) -> None:
        self.saving = asyncio.Lock()  # one snapshot of the buckets at a time
        self.handed_over = False  # another daemon keeps them now
        self._judge = judge
        self._settings = settings
        self._clock = clock

    async def restore_buckets(self) -> None:
        buckets, path = self._judge.meters.buckets, self._settings().buckets
        try:
            if buckets is not None:
                await asyncio.to_thread(restore, buckets, path, self._clock, self._judge.meters.label)
        except (SnapshotError, OSError) as error:
            log.warning("callers' rates start from nothing: %s: %s", path, error)

    async def keep_buckets(self) -> None:
        while True:
            await asyncio.sleep(self._settings().config.limiter.save_every)
            await self.save_buckets()

    async def save_buckets(self) -> None:
        buckets, path = self._judge.meters.buckets, self._settings().buckets
        try:
            async with self.saving:
                if buckets is None or self.handed_over:
                    return
                await save(buckets, path, self._clock, self._judge.meters.label)
        except OSError as error:
            log.warning("callers' rates are not kept for a restart: %s: %s", path, error)

    async def restore_learned(self) -> None:
        try:
            kept = await asyncio.to_thread(load_learned, self._settings().learned)
        except (LearnedError, OSError) as error:
            log.warning("what is usual is learned anew: %s", error)
            return
        self._judge.take_over(kept or {})
        level = (kept or {}).get("level")
        if isinstance(level, dict):
            self._judge.memory.level.take_over(level, self._clock.ticks(), self._clock.wall())

    async def keep_learned(self) -> None:
        while True:
            await asyncio.sleep(LEARNED_SECONDS)
            await self.save_learned()

    def learned(self) -> dict[str, Any]:
        """What is usual, and the attack level."""
        return {**self._judge.keep(), "level": self._judge.memory.level.keep(self._clock.ticks(), self._clock.wall())}

    async def save_learned(self) -> None:
        try:
            await asyncio.to_thread(write_learned, self.learned(), self._settings().learned)
        except OSError as error:
            log.warning("what was learned is not kept for a restart: %s: %s", self._settings().learned, error)
