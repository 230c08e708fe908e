"""The successor's side of `agi-screen restart`: gets ready while the elder takes calls, then does."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from agi_screen.base.clock import Clock
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.listening import Listening
from agi_screen.daemon import Daemon
from agi_screen.inbound.ami import AmiState
from agi_screen.succession.news import Taker
from agi_screen.succession.pair import Pair, SuccessionError, inherited
from agi_screen.succession.state import read_tables, take_over

log = logging.getLogger("agi_screen.restart")

GO_SECONDS = 5.0
AMI_LOOKS, AMI_LOOK_SECONDS = 50, 0.1


class Heir:
    """What the elder gave: its end of the talk, the listening sockets, and room for two bucket tables."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        said, descriptors = pair.take()
        names = said.get("names")
        if not isinstance(names, list) or len(descriptors) != len(names) + 2:
            raise SuccessionError("the running daemon gave other descriptors than it said")
        *sockets, self._buckets, self._offers = descriptors
        self.given = Listening(zip(map(str, names), [socket.socket(fileno=n) for n in sockets], strict=True))
        self._task: asyncio.Task[None] | None = None

    async def succeed(self, daemon: Daemon, clock: Clock) -> None:
        """Says that all is loaded, and takes over what the elder knows. Raises SuccessionError."""
        await self._pair.open()
        self._pair.send("warm")
        said = await self._pair.expect("switch")
        for lost in read_tables(daemon, clock, (self._buckets, self._offers)):
            log.warning("%s", lost)
        take_over(daemon, clock, said)

    async def took(self, daemon: Daemon) -> None:
        """Calls are taken: the elder may let go. Returns when it has."""
        taker = Taker(daemon)
        self._pair.send("taking")
        with suppress(TimeoutError, SuccessionError):
            await asyncio.wait_for(self._pair.expect("go"), GO_SECONDS)
        self._task = asyncio.create_task(self._listen(daemon, taker))

    async def _listen(self, daemon: Daemon, taker: Taker) -> None:
        """What becomes of the calls that end with the elder, until its end."""
        for _ in range(AMI_LOOKS):
            if daemon.ami.state not in (AmiState.CONNECTING, AmiState.LOST):
                break
            await asyncio.sleep(AMI_LOOK_SECONDS)
        self._pair.send("ami")
        with suppress(SuccessionError):
            while message := await self._pair.receive():
                taker.take(message)
        daemon.tracker.settled()
        self._pair.close()
        log.info("the daemon before us has ended its calls")


@contextmanager
def heir_or_none() -> Iterator[Heir | None]:
    """A successor that fails tells its elder why."""
    pair = inherited()
    if pair is None:
        yield None
        return
    try:
        yield Heir(pair)
    except AgiScreenError as error:
        with suppress(OSError):
            pair.fail(str(error))
        raise


def systemd_watches() -> bool:
    """Then systemd follows the successor by MAINPID; else who started us waits for our own end."""
    return bool(os.environ.get("NOTIFY_SOCKET"))
