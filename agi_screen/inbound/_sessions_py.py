"""AGI sessions in pure Python, on asyncio's transports: the twin of cext/sessions.pyx, with the same behaviour.

But where no descriptor is left: asyncio then takes nobody for a second, the compiled door turns callers away at once.

Environment in, commands out, replies in. Every step has a size and a deadline.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from time import monotonic
from typing import Protocol, cast

from agi_screen.base.agi_wire import Reply, parse_reply
from agi_screen.base.config import Agi
from agi_screen.inbound.environment import Environment, parse_environment

MAX_LINE = 8192
MAX_NOISE = 64
Then = Callable[[Reply | None], None]


class Owner(Protocol):
    """Whose sessions they are: gets each request, and hears of sessions that ended before their time."""

    def requested(self, session: Session, environment: Environment) -> None: ...
    def aborted(self, why: str) -> None: ...
    def turned_away(self) -> None: ...
    def faulty(self, session: Session) -> None: ...
    def idle(self) -> None: ...


class Door:
    """Where sessions come in. `close` takes no more of them; those that are open go on."""

    def __init__(self, owner: Owner, limits: Agi) -> None:
        self.owner = owner
        self.configure(limits)
        self.sessions: dict[Session, None] = {}
        self._servers: list[asyncio.Server] = []
        self._listening: list[socket.socket] = []  # a server closes its own

    def configure(self, limits: Agi) -> None:
        """Holds for what begins from now on."""
        self.environment_time = limits.environment_time
        self.environment_bytes = limits.environment_bytes
        self.reply_time = limits.reply_time

    def __len__(self) -> int:
        """Open sessions."""
        return len(self.sessions)

    async def listen(self, listening: socket.socket) -> None:
        """Takes sessions from a bound socket, which is the door's from now on."""
        self._listening.append(listening)
        await self._serve(listening)

    async def _serve(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        made = loop.create_server(lambda: Session(self), sock=listening.dup(), backlog=4096)
        self._servers.append(await made)

    def hold(self) -> None:
        """Takes nobody for a while: callers wait in the kernel's queue, and lose nothing but the time."""
        for server in self._servers:
            server.close()
        self._servers.clear()

    async def release(self) -> None:
        """Takes them, and all who come."""
        for listening in self._listening:
            await self._serve(listening)

    def unread(self) -> int:
        """Sessions of which the request is still to come."""
        return sum(not session.asked for session in self.sessions)

    def close(self) -> None:
        self.hold()
        for listening in self._listening:
            listening.close()

    def expire(self) -> None:
        """Ends the sessions whose time is over."""
        now = monotonic()
        for session in [s for s in self.sessions if s.deadline < now]:
            session.abort("no answer in time" if session.asked else "no environment in time")

    def shut(self, why: str) -> None:
        """The end: nothing is read any more."""
        for session in tuple(self.sessions):
            session.abort(why)

    def ended(self, session: Session) -> None:
        self.sessions.pop(session, None)
        if session.why:
            self.owner.aborted(session.why)
        if not self.sessions:
            self.owner.idle()


class Session(asyncio.Protocol):
    """Until it has `asked`, the environment is read; then `_then` is whom the next reply is for."""

    __slots__ = ("_buffer", "_door", "_then", "_transport", "asked", "deadline", "hungup", "noise", "why")

    def __init__(self, door: Door) -> None:
        self._door = door
        self._buffer = b""
        self._then: Then | None = None  # one command at a time: nobody sends before the reply
        self._transport: asyncio.Transport | None = None
        self.asked = False
        self.deadline = monotonic() + door.environment_time
        self.hungup = False
        self.noise = 0
        self.why = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by their class
        self._door.sessions[self] = None

    def data_received(self, data: bytes) -> None:
        if self._transport is None:  # ended by us, and the socket does not know yet
            return
        self._buffer = self._buffer + data if self._buffer else data
        if not self.asked:
            self._read_environment()
        elif self._buffer:
            self._read_replies()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # how the socket ended makes no difference: nobody is there
        if self._transport is not None:
            self._lost()

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
        self.send(line, self._finished, self._door.reply_time)

    def abort(self, why: str) -> None:
        """Ends the session at once; Asterisk goes on in the dialplan without a verdict."""
        transport = self._transport
        if transport is not None:
            self.why = self.why or why
            transport.abort()
            self._lost()

    def _lost(self) -> None:
        """Nobody is there any more, whatever way it ended."""
        self._transport = None
        self.hungup = True
        self._door.ended(self)
        self._answer(None)

    def _finished(self, reply: Reply | None) -> None:
        if reply is not None and self._transport is not None:
            self._transport.close()
            self._transport = None
            self._door.ended(self)

    def _read_environment(self) -> None:
        end = self._buffer.find(b"\n\n")
        if (len(self._buffer) if end < 0 else end) > self._door.environment_bytes:
            self.abort(f"environment over {self._door.environment_bytes} bytes")
            return
        if end < 0:
            return
        block, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        self.asked = True
        if self._buffer:
            self._read_replies()
        self._door.owner.requested(self, parse_environment(block))

    def _read_replies(self) -> None:
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if self._transport is None:  # ended by a line before this one
                return
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
