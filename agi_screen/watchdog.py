"""Notices an event loop that stands still: says where, counts it, and at last ends the process for a new one.

Calls take no harm meanwhile: Asterisk lets each go on after two seconds. But nobody is screened, and nobody is told.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from agi_screen.base.config import WatchdogTable
from agi_screen.base.notify import notify, watchdog_seconds

log = logging.getLogger("agi_screen.watchdog")

BEAT_SECONDS = 0.25
EXIT_STALLED = 70  # no other end of ours has it


class Watchdog:
    """The loop beats, a thread looks. A whole process that was stopped has not stalled: its thread stood too."""

    def __init__(self, config: Callable[[], WatchdogTable], end: Callable[[int], None] = os._exit) -> None:
        self.stalls = 0
        self._config = config
        self._end = end
        self._beats = 0
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """A thread that the interpreter's lock keeps from looking is covered by the system's own timer."""
        with suppress(ValueError, RuntimeError):  # not in the main thread, or stderr is no file: without the last words
            faulthandler.register(signal.SIGPROF, all_threads=True, chain=True)
        self._task = asyncio.create_task(self._run(), name="watchdog")
        threading.Thread(target=self._look, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        systemd = watchdog_seconds()
        every = max(1, int(systemd / 3 / BEAT_SECONDS))
        while True:
            self._beats += 1
            # Counts this process's work alone: over twice `end` of it without a beat, and the system ends it.
            signal.setitimer(signal.ITIMER_PROF, 2 * self._config().end)
            if systemd and self._beats % every == 0:
                notify("WATCHDOG=1")
            await asyncio.sleep(BEAT_SECONDS)

    def _look(self) -> None:
        seen, still, told = 0, 0.0, False
        while not self._stopping.wait(BEAT_SECONDS):
            if self._beats != seen:
                if told:
                    log.error("the event loop goes on after about %.1f s", still)
                seen, still, told = self._beats, 0.0, False
                continue
            still += BEAT_SECONDS
            config = self._config()
            if still >= config.stall and not told:
                told = True
                self._tell(still)
            if config.end and still >= config.end:
                self._give_up(still)

    def _tell(self, still: float) -> None:
        self.stalls += 1
        log.critical("the event loop STANDS STILL for %.1f s, callers go on UNSCREENED; what runs now:", still)
        with suppress(OSError, ValueError, RuntimeError):  # stderr is no file
            faulthandler.dump_traceback(sys.stderr, all_threads=True)

    def _give_up(self, still: float) -> None:
        log.critical("the event loop stood still for %.1f s: this process ends, with exit code %d", still, EXIT_STALLED)
        self._end(EXIT_STALLED)
