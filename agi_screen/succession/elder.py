"""The running daemon's side of `agi-screen restart`: starts its successor, and lets go when that takes calls."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from agi_screen.base.clock import Clock
from agi_screen.base.notify import notify
from agi_screen.daemon import Daemon
from agi_screen.succession.news import Teller
from agi_screen.succession.pair import VARIABLE, Pair, SuccessionError
from agi_screen.succession.state import state_of, write_tables
from agi_screen.succession.waiter import adopt_orphans

log = logging.getLogger("agi_screen.restart")

START_SECONDS = 60.0  # for the successor to load what it needs, while we take calls
SWITCH_SECONDS = 1.0  # callers wait meanwhile, and Asterisk for them two seconds
FLUSH_SECONDS = 2.0
AMI_SECONDS = 10.0  # for the successor's connection to Asterisk, before it follows our calls
Sockets = Callable[[], Mapping[str, socket.socket]]


class Elder:
    """`hand_over` is the command's handler; after it, `leave` ends what is still under way here."""

    def __init__(self, daemon: Daemon, sockets: Sockets, clock: Clock, ended: Callable[[], None]) -> None:
        self._daemon = daemon
        self._sockets = sockets
        self._clock = clock
        self._ended = ended
        self._busy = False
        self._pair: Pair | None = None
        self._teller: Teller | None = None
        self._child: subprocess.Popen[bytes] | None = None

    async def hand_over(self) -> dict[str, Any]:
        """Raises SuccessionError: then this daemon goes on as if nothing had been asked."""
        if self._busy:
            raise SuccessionError("a restart is under way already")
        self._busy = True
        try:
            held = await self._handed_over()
        except (SuccessionError, OSError) as error:
            self._busy, self._daemon.recorder.news = False, None
            log.error("NOT restarted, this daemon goes on: %s", error)
            raise SuccessionError(f"not restarted, the running daemon goes on: {error}") from error
        assert self._child is not None
        under_way = self._daemon.agi.open_sessions
        log.warning("handed over to %d in %.3f s; %d calls end here", self._child.pid, held, under_way)
        asyncio.get_running_loop().call_soon(self._ended)
        return {"pid": self._child.pid, "was": os.getpid(), "held_seconds": round(held, 3), "ending_here": under_way}

    async def leave(self) -> None:
        """Ends the calls under way; what becomes of them is told to the successor."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._forward, number)
        assert self._pair is not None
        assert self._teller is not None
        with suppress(TimeoutError, SuccessionError, OSError):
            await asyncio.wait_for(self._pair.expect("ami"), AMI_SECONDS)
        with suppress(OSError):
            log.info("calls that go on with the successor: %d", await self._teller.hand_on_calls())
        await self._daemon.stop()
        with suppress(OSError):
            await self._pair.drain()
        self._pair.close()

    def _forward(self, number: int) -> None:
        """Who started us knows no other process."""
        assert self._child is not None
        with suppress(ProcessLookupError):
            os.kill(self._child.pid, number)

    async def _handed_over(self) -> float:
        """Seconds that callers waited."""
        daemon = self._daemon
        daemon.recorder.news = []
        with suppress(TimeoutError):  # the successor reads the database: all that we know should be there
            await asyncio.wait_for(daemon.recorder.flush(), FLUSH_SECONDS)
        await daemon.files.save_learned()
        files = [os.memfd_create(name) for name in ("buckets", "offers")]
        try:
            child, pair = await asyncio.to_thread(_spawned, self._sockets(), files)
            self._child = child
            try:
                await pair.open()
                await _in_time(pair.expect("warm"), START_SECONDS, "it was not ready to take calls")
                async with daemon.files.saving:
                    held = await self._switch(pair, files)
            except (SuccessionError, OSError) as error:
                pair.close()
                raise SuccessionError(await asyncio.to_thread(_ended_how, child, str(error))) from error
        finally:
            for number in files:
                os.close(number)
        self._let_go(pair)
        return held

    async def _switch(self, pair: Pair, files: list[int]) -> float:
        began = self._clock.ticks()
        await self._daemon.agi.hold()
        try:
            await asyncio.to_thread(write_tables, self._daemon, self._clock, files)
            pair.send("switch", **state_of(self._daemon, self._clock))
            await _in_time(pair.expect("taking"), SWITCH_SECONDS, "it did not take calls")
        except BaseException:
            await self._daemon.agi.release()
            raise
        return (self._clock.ticks() - began) / 1e9

    def _let_go(self, pair: Pair) -> None:
        """Before `go`: what systemd hears of the successor is heard after it knows it."""
        assert self._child is not None
        notify(f"MAINPID={self._child.pid}")
        self._daemon.leave_keeping()
        self._daemon.agi.close()
        self._pair, self._teller = pair, Teller(self._daemon, pair)
        pair.send("go")


def _spawned(sockets: Mapping[str, socket.socket], files: list[int]) -> tuple[subprocess.Popen[bytes], Pair]:
    """The same command line with the same configuration, by the program as it is installed now."""
    ours, theirs = socket.socketpair()
    pair = Pair(ours)
    adopt_orphans()
    with theirs:
        child = subprocess.Popen(  # noqa: S603  our own command line
            [sys.executable, *sys.orig_argv[1:]],
            pass_fds=[theirs.fileno()],
            env={**os.environ, VARIABLE: str(theirs.fileno())},
        )
    pair.give({"is": "given", "names": list(sockets)}, [*(sock.fileno() for sock in sockets.values()), *files])
    return child, pair


def _ended_how(child: subprocess.Popen[bytes], why: str) -> str:
    """Ends a successor that is none."""
    try:
        code = child.wait(2.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return why
    return f"{why} (its exit code {code}; the log may say more)"


async def _in_time(awaited: Any, seconds: float, otherwise: str) -> None:
    try:
        await asyncio.wait_for(awaited, seconds)
    except TimeoutError:
        raise SuccessionError(f"{otherwise} within {seconds:g} s") from None
