"""How long a connection may take to say what it wants: who is slow on purpose holds a descriptor that a call may need.

aiohttp itself waits for ever: for a first byte, for the rest of the headers, for an answer to be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from agi_screen.web.route import ApiError

SAY_SECONDS = 20.0  # from connecting, or from the last answer, to the end of the next request's headers
BODY_SECONDS = 30.0
SWEEPS = 10  # in the time of one deadline
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Patience:
    """Ends connections that are at no request of ours for longer than `seconds`."""

    def __init__(self, seconds: float = SAY_SECONDS) -> None:
        self._seconds = seconds
        self._server: web.Server | None = None
        self.asked: set[Any] = set()  # connections with a request in our hands
        self._since: dict[Any, float] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def middleware(self) -> Any:
        @web.middleware
        async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = request.protocol
            self.asked.add(connection)
            try:
                return await handler(request)
            finally:
                self.asked.discard(connection)
                self._since[connection] = asyncio.get_running_loop().time()

        return timed

    def watch(self, server: web.Server) -> None:
        """Begins to look, until `stop`."""
        self._server = server
        self._sweep()

    def stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()

    def _sweep(self) -> None:
        assert self._server is not None
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._since = {one: self._since.get(one, now) for one in self._server.connections}
        for connection, since in self._since.items():
            if connection not in self.asked and now - since > self._seconds and connection.transport is not None:
                connection.transport.abort()
        self._sweeper = loop.call_later(self._seconds / SWEEPS, self._sweep)


async def body_of(request: web.Request, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body, which has its limit of size elsewhere. Raises ApiError 408, and 400 where the client is gone."""
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except ConnectionError:  # nobody hears this; it must not be told as a fault of ours
        raise ApiError(400, "body", "", "the connection was closed before its end") from None
    except TimeoutError:
        raise ApiError(408, "body", "", f"did not come whole within {seconds:g} s") from None
