"""Where somebody stopped speaking, by loudness alone: all that a robot without our prompts can go by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.asterisk.mulaw import FRAME_SECONDS, loudness
from tests.asterisk.reception import Packet

LOUD = 250.0
QUIET_SECONDS = 0.7
LONGEST_SECONDS = 40.0


class Utterances:
    """Give it each packet. `on_end` is told the audio of each utterance, `on_begin` that one began."""

    def __init__(self, on_end: Callable[[bytes], None], *, quiet: float = QUIET_SECONDS, keep: bool = False) -> None:
        self.on_end, self.quiet, self.keep = on_end, quiet, keep
        self.on_begin: Callable[[], None] = lambda: None
        self.count = 0
        self._audio: list[bytes] = []
        self._speaking = False
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, packet: Packet) -> None:
        """Silence within an utterance belongs to it; before it nothing does."""
        loud = loudness(packet.payload) > LOUD
        if self.keep and (loud or self._speaking) and len(self._audio) < LONGEST_SECONDS / FRAME_SECONDS:
            self._audio.append(packet.payload)
        if not loud:
            return
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self.quiet
        if self._speaking:
            return
        self._speaking = True
        self.count += 1
        self._timer = loop.call_at(self._due, self._check)
        self.on_begin()

    def _check(self) -> None:
        """Where nothing is played nothing comes at all, so the end is told by a clock."""
        loop = asyncio.get_running_loop()
        if self._due > loop.time():
            self._timer = loop.call_at(self._due, self._check)
            return
        self.forget()
        audio, self._audio = b"".join(self._audio), []
        self.on_end(audio)

    def forget(self) -> None:
        """Stops waiting for the end of this one."""
        self._speaking = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
