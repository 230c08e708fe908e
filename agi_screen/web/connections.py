"""How many connections the desk holds. Descriptors are shared with calls, and calls come first."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from contextlib import suppress
from ssl import SSLContext, SSLError

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from agi_screen.web.patience import Patience

BACKLOG = 128
HANDSHAKE_SECONDS = 5.0
PAUSE_SECONDS = 1.0  # where there is no descriptor left: another try at once would find none either
TOLD_SECONDS = 60.0

log = logging.getLogger("agi_screen.web")


class Connections:
    """Accepts for aiohttp. At the limit the connection that has asked nothing for longest gives way to a new one;
    where all are at work, the new one is closed."""

    def __init__(self, most: int, patience: Patience) -> None:
        self.counts: Counter[str] = Counter()  # of those that were closed, by which: `idle` or `new`
        self._most = most
        self._server: web.Server | None = None
        self.patience = patience  # knows who is answered just now, and is not closed for another
        self._listening: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._greeting: set[asyncio.Task[None]] = set()
        self._told = 0.0

    @property
    def open(self) -> int:
        """Connections held now, those that are still about their TLS included."""
        return len(self._greeting) + (len(self._server.connections) if self._server is not None else 0)

    def start(self, server: web.Server, listening: socket.socket, ssl: SSLContext | None) -> None:
        """Accepts from a bound socket, which is ours from now on."""
        self._server, self._listening = server, listening
        listening.setblocking(False)
        listening.listen(BACKLOG)
        self._keep(self._accept(listening, ssl), self._tasks)

    def stop(self) -> None:
        """Takes no more of them."""
        for task in (*self._tasks, *self._greeting):
            task.cancel()
        if self._listening is not None:
            self._listening.close()

    def _keep(self, work: object, among: set[asyncio.Task[None]]) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]
        among.add(task)
        task.add_done_callback(among.discard)

    async def _accept(self, listening: socket.socket, ssl: SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                taken, _ = await loop.sock_accept(listening)
            except OSError as error:
                self._say(f"takes nobody just now: {error.strerror or error}")
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if self.open >= self._most and not self._made_room():
                self.counts["new"] += 1
                taken.close()
            else:
                self._keep(self._greet(taken, ssl), self._greeting)

    async def _greet(self, taken: socket.socket, ssl: SSLContext | None) -> None:
        assert self._server is not None
        patience = HANDSHAKE_SECONDS if ssl is not None else None
        loop = asyncio.get_running_loop()
        with suppress(OSError, SSLError):
            await loop.connect_accepted_socket(self._server, taken, ssl=ssl, ssl_handshake_timeout=patience)
            return
        taken.close()

    def _made_room(self) -> bool:
        """Closes the oldest connection without a request; False where all have one."""
        assert self._server is not None
        self._say(f"[web] max_connections = {self._most} are open")
        for one in self._server.connections:
            if one not in self.patience.asked:
                self.counts["idle"] += 1
                _close(one)
                return True
        return False

    def _say(self, what: str) -> None:
        """Not for each connection: a flood would fill the log."""
        now = asyncio.get_running_loop().time()
        if now - self._told >= TOLD_SECONDS or not self._told:
            self._told = now
            log.warning("desk: %s; calls go on", what)


CONNECTIONS = web.AppKey("connections", Connections)


def _close(one: RequestHandler) -> None:
    transport = one.transport
    one.force_close()
    if transport is not None:
        transport.abort()  # who reads nothing would keep its descriptor
