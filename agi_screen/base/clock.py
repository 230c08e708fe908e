"""Time is passed in, so that the same code runs live, in replay and in simulation."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings: `wall` for records people read, `ticks` for intervals (it never steps back)."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    def ticks(self) -> int:
        """Nanoseconds since some fixed moment."""
        ...


class SystemClock:
    """The machine's clocks."""

    wall = staticmethod(time.time)
    ticks = staticmethod(time.monotonic_ns)


class ManualClock:
    """A clock that stands until it is moved: tests, replay and simulation."""

    def __init__(self, wall: float = 0.0) -> None:
        self._wall = wall
        self._ticks = 1_000_000_000

    def wall(self) -> float:
        return self._wall

    def ticks(self) -> int:
        return self._ticks

    def advance(self, seconds: float) -> None:
        """Moves both readings; negative steps move the wall clock alone, as a corrected clock does."""
        self._wall += seconds
        self._ticks += max(0, round(seconds * 1_000_000_000))
