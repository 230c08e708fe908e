"""How late the event loop is: a caller's answer waits as long."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter, deque

from agi_screen.base.clock import Clock

PERIOD_SECONDS = 0.25
REMEMBERED = 240  # beats: the last minute
BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


class Pulse:
    """A beat four times a second; each notes how late it came."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late: deque[float] = deque(maxlen=REMEMBERED)
        self._task: asyncio.Task[None] | None = None
        self.counts: Counter[int] = Counter()
        self.sum = 0.0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="pulse")

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    @property
    def worst(self) -> float:
        """Seconds that the latest beat of the last minute was late."""
        return max(self._late, default=0.0)

    def beat(self, late: float) -> None:
        self._late.append(late)
        self.counts[bisect_left(BOUNDS, late)] += 1
        self.sum += late

    async def _run(self) -> None:
        while True:
            due = self._clock.ticks() / 1e9 + PERIOD_SECONDS
            await asyncio.sleep(PERIOD_SECONDS)
            self.beat(max(0.0, self._clock.ticks() / 1e9 - due))
