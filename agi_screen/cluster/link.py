"""One Redis server that calls ask: found, greeted, watched, and found again when it is gone. Up, it answers in time.

A server that stays silent past the deadline is asked no more, and its connection kept: mostly it is back at once.
After a second of silence the connection is given up: a cut network would be noticed after minutes otherwise.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from hiredis import ReplyError
from redis.exceptions import RedisError

from agi_screen.base.units import Address
from agi_screen.cluster.connect import TIMEOUT_SECONDS
from agi_screen.cluster.wire import Then, Wire

log = logging.getLogger("agi_screen.cluster")

PROBE_SECONDS: Final = 0.25
IDLE_SECONDS: Final = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
FIRST_REST, LONGEST_REST = 0.25, 5.0
SLOW: Final = 10  # replies in a row after the deadline: not one more call waits for such a server
Command = tuple[Any, ...]


class Link:
    """`changed` is called when it comes up and when it goes down; `up` is looked at before each `send`."""

    def __init__(
        self,
        find: Callable[[], Awaitable[Address]],
        greeting: Sequence[Command],
        tls: ssl.SSLContext | None,
        deadline: float,
        changed: Callable[[Link], None],
    ) -> None:
        self.up = False
        self.why = "not connected yet"
        self.address: Address | None = None
        self.losses = 0
        self._find, self._greeting, self._tls = find, greeting, tls
        self._deadline, self._changed = deadline, changed
        self._loop = asyncio.get_running_loop()
        self._wire: Wire | None = None
        self._slow = 0
        self._rest, self._rests_until, self._came_up = FIRST_REST, 0.0, 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="redis-link")

    def stop(self) -> None:
        """Commands that wait hear that there will be no reply."""
        if self._task is not None:
            self._task.cancel()
        if self._wire is not None:
            self._wire.close("the daemon is stopping")

    def send(self, command: Command, then: Then) -> None:
        """Only while `up`; `then` is called once whatever happens."""
        if self._wire is None:
            then(None)
        else:
            self._wire.send(command, then)

    def in_time(self) -> None:
        """A call had its reply before its deadline."""
        self._slow = 0

    def missed(self, sent: float) -> None:
        """A call that was sent then went on without its reply."""
        self._slow += 1
        if self._wire is None or not self.up:
            return
        if self._wire.heard <= sent:
            self.stall(f"no reply within {self._deadline * 1000:g} ms")
        elif self._slow >= SLOW:
            self.stall(f"{SLOW} replies in a row came after {self._deadline * 1000:g} ms")

    def stall(self, why: str) -> None:
        """Nobody asks it for a while."""
        if self.up:
            steady = self._loop.time() - self._came_up > 2 * LONGEST_REST
            self._rest = FIRST_REST if steady else min(2 * self._rest, LONGEST_REST)
            self._rests_until = self._loop.time() + self._rest
            self._down(why)

    def drop(self, why: str) -> None:
        """This connection is of no use any more."""
        if self._wire is not None:
            self._wire.close(why)

    def _down(self, why: str) -> None:
        was, self.up, self.why = self.up, False, why
        if was:
            self.losses += 1
            self._changed(self)

    def _rise(self) -> None:
        self._slow, self._came_up = 0, self._loop.time()
        self.up, self.why = True, ""
        self._changed(self)

    def _lost(self, why: str) -> None:
        self._wire = None
        self._down(why)

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            begun = self._loop.time()
            try:
                await self._connect()
                await self._watch()
            except (OSError, ReplyError, RedisError) as error:  # TimeoutError and TLS errors are OSErrors
                self._down(str(error) or f"no answer within {TIMEOUT_SECONDS:g} s")
            pause = FIRST_PAUSE if self._loop.time() - begun > 2 * LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  machines must not all come at once

    async def _connect(self) -> None:
        wire: Wire | None = None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                self.address = await self._find()
                name = self.address.host if self._tls else None
                where = (self.address.host, self.address.port)
                made = self._loop.create_connection(
                    lambda: Wire(self._lost), *where, ssl=self._tls, server_hostname=name
                )
                _, wire = await made
                for command in self._greeting:
                    await wire.ask(*command)
                if not wire.open:
                    raise ConnectionError("Redis closed the connection")
        except BaseException:
            if wire is not None:
                wire.close("it could not be greeted")
            raise
        self._wire = wire
        self._rise()

    async def _watch(self) -> None:
        while self._wire is not None:
            await asyncio.sleep(PROBE_SECONDS)
            if self._wire is not None:
                self._probe(self._wire)

    def _probe(self, wire: Wire) -> None:
        now, oldest = self._loop.time(), wire.waiting_since
        if oldest is not None:
            if now - oldest > TIMEOUT_SECONDS:
                wire.close(f"silent for {TIMEOUT_SECONDS:g} s")
        elif self.up and now - wire.heard > IDLE_SECONDS:
            wire.send(("PING",), lambda _: None)
        elif not self.up and now >= self._rests_until:
            wire.send(("PING",), lambda reply: self._back(reply, now))

    def _back(self, reply: Any, sent: float) -> None:
        if reply == b"PONG" and not self.up and self._loop.time() - sent <= self._deadline:
            self._rise()
