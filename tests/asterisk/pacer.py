"""One timer for all who send audio: a task for each of 300 calls would cost more than the audio does."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Protocol
from weakref import WeakKeyDictionary

from tests.asterisk.mulaw import FRAME_SECONDS

PHASES = 4
LATE_SECONDS = 0.2


class Sender(Protocol):
    """Whoever has something to send every 20 ms."""

    def tick(self) -> bool:
        """Sends one frame's worth; False when there is no more."""


class Pacer:
    """Ticks each sender every 20 ms, in four groups 5 ms apart so that 300 packets do not leave at once."""

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, Pacer]] = WeakKeyDictionary()

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._groups: list[dict[Sender, None]] = [{} for _ in range(PHASES)]
        self._turn = 0
        self._due = 0.0
        self._running = False
        self.late = 0

    @classmethod
    def here(cls) -> Pacer:
        """The one of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in cls._of_loop:
            cls._of_loop[loop] = cls(loop)
        return cls._of_loop[loop]

    def add(self, sender: Sender) -> None:
        """From the next tick on; a sender that is there already stays where it is."""
        if any(sender in group for group in self._groups):
            return
        min(self._groups, key=len)[sender] = None
        if not self._running:
            self._running, self._due = True, self._loop.time()
            self._loop.call_soon(self._tick)

    def remove(self, sender: Sender) -> None:
        for group in self._groups:
            group.pop(sender, None)

    def _tick(self) -> None:
        group = self._groups[self._turn]
        self._turn = (self._turn + 1) % PHASES
        for sender in [sender for sender in group if not sender.tick()]:
            group.pop(sender, None)
        if not any(self._groups):
            self._running = False
            return
        self._due += FRAME_SECONDS / PHASES
        behind = self._loop.time() - self._due
        if behind > LATE_SECONDS:
            # A machine that stood still: nobody sends what should have left long ago in one burst.
            self.late += 1
            self._due += behind
        self._loop.call_at(self._due, self._tick)
