"""One AGI session over a stream: environment in, commands out, replies in. Every step has a size and a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Protocol, cast

from agi_screen.base.agi_wire import Reply, parse_reply
from agi_screen.base.config import Agi
from agi_screen.base.errors import AgiScreenError
from agi_screen.inbound.environment import Environment, parse_environment

MAX_LINE = 8192
MAX_NOISE = 64
Then = Callable[[Reply | None], None]


class HangupError(AgiScreenError):
    """The caller is gone, the socket is closed or Asterisk did not answer in time."""


class Owner(Protocol):
    """Who runs the sessions: hands requests on, and forgets sessions at their end."""

    limits: Agi

    def opened(self, session: AgiSession) -> None: ...
    def requested(self, session: AgiSession, environment: Environment) -> None: ...
    def closed(self, session: AgiSession) -> None: ...


class AgiSession(asyncio.Protocol):
    """Until it has `asked`, the environment is read; then `_then` is whom the next reply is for."""

    __slots__ = ("_buffer", "_owner", "_then", "_transport", "asked", "deadline", "hungup", "noise", "why")

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._buffer = b""
        self._then: Then | None = None  # one command at a time: nobody sends before the reply
        self._transport: asyncio.Transport | None = None
        self.asked = False
        self.deadline = monotonic() + owner.limits.environment_time
        self.hungup = False
        self.noise = 0
        self.why = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by their class
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self.asked:
            self._read_environment()
        elif self._buffer:
            self._read_replies()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # how the socket ended makes no difference: nobody is there
        self._transport = None
        self.hungup = True
        self._answer(None)
        self._owner.closed(self)

    def send(self, line: bytes, then: Then, within: float) -> None:
        """Sends one command; `then` is called once, with its reply or with None when there will be none."""
        if self._transport is None:
            then(None)
            return
        self._then = then
        self.deadline = monotonic() + within
        self._transport.write(line)

    def finish(self, line: bytes) -> None:
        """The last command: the session closes at its reply."""
        self.send(line, self._finished, self._owner.limits.reply_time)

    async def execute(self, line: bytes, within: float) -> Reply:
        """Sends one command and waits for its reply, `within` seconds. Raises HangupError."""
        if self.hungup:
            raise HangupError(self.why or "the caller hung up")
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def then(reply: Reply | None) -> None:
            if answered.done():
                return
            if reply is None or self.hungup:
                answered.set_exception(HangupError(self.why or "the caller hung up"))
            else:
                answered.set_result(reply)

        self.send(line, then, within)
        return await answered

    def abort(self, why: str) -> None:
        """Ends the session at once; Asterisk goes on in the dialplan without a verdict."""
        self.why = self.why or why
        if self._transport is not None:
            self._transport.abort()

    def _finished(self, reply: Reply | None) -> None:
        if reply is not None and self._transport is not None:
            self._transport.close()

    def _read_environment(self) -> None:
        end = self._buffer.find(b"\n\n")
        if end < 0:
            if len(self._buffer) > self._owner.limits.environment_bytes:
                self.abort(f"environment over {self._owner.limits.environment_bytes} bytes")
            return
        block, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        if len(block) > self._owner.limits.environment_bytes:
            self.abort(f"environment over {self._owner.limits.environment_bytes} bytes")
            return
        self.asked = True
        if self._buffer:
            self._read_replies()
        self._owner.requested(self, parse_environment(block))

    def _read_replies(self) -> None:
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._take(line.decode("utf-8", "replace"))
        if len(self._buffer) > MAX_LINE:
            self.abort(f"a reply over {MAX_LINE} bytes without its end")

    def _take(self, line: str) -> None:
        if line == "HANGUP":
            self.hungup = True
            return
        reply = parse_reply(line)
        if reply is None or self._then is None:
            self._ignore()
            return
        if line[3:4] == "-":  # `520-…`: the error's text follows, up to `520 End of proper usage.`
            return
        if reply.code == 511:  # not permitted on a dead channel
            self.hungup = True
        self._answer(reply)

    def _answer(self, reply: Reply | None) -> None:
        then, self._then = self._then, None
        if then is not None:
            then(reply)

    def _ignore(self) -> None:
        """Lines that are no reply: the text inside a 520, or forged by a caller. Many of them are an attack."""
        self.noise += 1
        if self.noise > MAX_NOISE:
            self.abort(f"more than {MAX_NOISE} lines that are no reply")
