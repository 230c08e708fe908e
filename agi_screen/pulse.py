"""How late the event loop is: a caller's answer waits as long."""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable

from agi_screen.base.clock import Clock

PERIOD_SECONDS = 0.25
REMEMBERED = 240  # beats: the last minute
JUMP_SECONDS = 2.0  # what a clock that is set right little by little never makes between two beats
BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


log = logging.getLogger("agi_screen.clock")


class Pulse:
    """A beat four times a second; each notes how late it came, and whether the time of day was changed meanwhile.

    `on_jump` hears by how many seconds."""

    def __init__(self, clock: Clock, on_jump: Callable[[float], None] = lambda _: None) -> None:
        self._clock = clock
        self._on_jump = on_jump
        self._offset = self._wall_ahead()
        self.jumps = 0
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
            self._look_at_clock()

    def _wall_ahead(self) -> float:
        return self._clock.wall() - self._clock.ticks() / 1e9

    def _look_at_clock(self) -> None:
        before, self._offset = self._offset, self._wall_ahead()
        jump = self._offset - before
        if abs(jump) < JUMP_SECONDS:
            return
        self.jumps += 1
        log.warning(
            "the machine's clock was set %s by %.0f s: records have its time from now on; rates and the attack level "
            "go by a clock that does not jump, so nobody is forgiven or locked out",
            "forward" if jump > 0 else "back",
            abs(jump),
        )
        self._on_jump(jump)
