"""One connection to Redis for calls: what a turn of the loop asks goes out together, replies come in that order.

It is not redis-py's: that one waits for each reply before the next command, and its time-outs make a task each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

from hiredis import HiredisError, Reader, ReplyError, pack_command

MAX_REPLY: Final = 1_048_576  # bytes that came without making a reply whole
Then = Callable[[Any], None]  # gets the reply, a ReplyError, or None when there will be none


class Wire(asyncio.Protocol):
    """`lost` is called once, at its end, after every `then`."""

    def __init__(self, lost: Callable[[str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._lost = lost
        self._reader = Reader()
        self._out: list[bytes] = []
        self._then: deque[tuple[Then, float]] = deque()
        self._transport: asyncio.Transport | None = None
        self._unfinished = 0
        self._why = "Redis closed the connection"
        self.heard = self._loop.time()  # when the last reply came

    @property
    def open(self) -> bool:
        return self._transport is not None

    @property
    def waiting_since(self) -> float | None:
        """When the oldest command without a reply was sent; None when all have one."""
        return self._then[0][1] if self._then else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        waiting, self._then = self._then, deque()
        for then, _ in waiting:
            then(None)
        self._lost(f"{self._why}: {exc}" if exc else self._why)

    def send(self, command: tuple[Any, ...], then: Then) -> None:
        """Goes out at the end of this turn of the loop."""
        if self._transport is None:
            then(None)
            return
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(pack_command(command))
        self._then.append((then, self._loop.time()))

    async def ask(self, *command: Any) -> Any:
        """One command, and its reply. Raises ReplyError, or ConnectionError when there is none."""
        reply: asyncio.Future[Any] = self._loop.create_future()
        self.send(command, lambda came: None if reply.done() else reply.set_result(came))
        came = await reply
        if came is None:
            raise ConnectionError(self._why)
        if isinstance(came, ReplyError):
            raise came
        return came

    def close(self, why: str) -> None:
        """At once: what was not sent yet never will be."""
        self._why = why
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self.heard = self._loop.time()
        self._unfinished += len(data)
        try:
            self._reader.feed(data)
            while self._next():
                self._unfinished = 0
        except HiredisError as error:
            self.close(f"that is no Redis: {error}")
        if self._unfinished > MAX_REPLY:
            self.close(f"a reply of over {MAX_REPLY} bytes")

    def _next(self) -> bool:
        reply = self._reader.gets()
        if reply is False:
            return False
        if self._then:
            then, _ = self._then.popleft()
            then(reply)
        else:
            self.close("that is no Redis: it answers what nobody asked")
        return True

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._transport is not None:
            self._transport.write(b"".join(out))
