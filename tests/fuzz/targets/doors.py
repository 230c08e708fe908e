"""One AGI session through the compiled door, over a real socket, and through its pure twin, fed by hand."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from agi_screen.base.toml_file import DEFAULTS
from agi_screen.inbound import _sessions_py, sessions
from agi_screen.inbound.environment import Environment
from agi_screen.settings import load

MOST_TURNS = 400
MOST_CHUNKS = 40
PATIENT = {"max_sessions": 100, "environment_time": 3600.0, "reply_time": 3600.0, "drain_time": 1.0}
LIMITS = load(DEFAULTS).config.agi.model_copy(update=PATIENT)
Handler = Callable[[Environment, Any], None]


class FuzzOwner:
    """Hands each request to the handler; a fault of ours is no secret here."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.aborts: list[str] = []

    def requested(self, session: Any, environment: Environment) -> None:
        self.handler(environment, session)

    def aborted(self, why: str) -> None:
        self.aborts.append(why)

    def turned_away(self) -> None:
        raise AssertionError("no descriptor was left")

    def faulty(self, session: Any) -> None:
        raise  # noqa: PLE0704  inside the door's own `except`

    def idle(self) -> None:
        """Nobody waits for it."""


def chunks_of(data: bytes) -> Iterator[bytes]:
    """The environment in one piece, then a reply at a time, as Asterisk sends them; at last what is left."""
    head, found, rest = data.partition(b"\n\n")
    yield head + found
    lines = rest.split(b"\n", MOST_CHUNKS)
    for line in lines[:-1]:
        yield line + b"\n"
    if lines[-1]:
        yield lines[-1]


class CompiledDoor:
    """A Unix socket, for no other reason than that it costs least."""

    def __init__(self, handler: Handler) -> None:
        self.owner = FuzzOwner(handler)
        self.door: Any = sessions.Door(cast("Any", self.owner), LIMITS)

    async def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="agi-screen-fuzz-")
        self._path = str(Path(self._folder.name) / "agi")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(self._path)
        await self.door.listen(self._listening)

    def close(self) -> None:
        self.door.close()
        self.door.shut("the run is over")
        self._folder.cleanup()

    def talk(self, data: bytes) -> bytes:
        """All that came back; the session is over at the end."""
        door: Any = self.door
        heard = b""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self._path)
            client.setblocking(False)
            for chunk in chunks_of(data):
                left = chunk
                with suppress(ConnectionError):
                    while left:
                        left = left[client.send(left) :]
                        door.run()
                heard += _all_of(client)
        for _ in range(MOST_TURNS):
            if not len(door):
                return heard
            door.run()
        raise AssertionError("the session does not end")


def _all_of(client: socket.socket) -> bytes:
    with suppress(BlockingIOError, ConnectionError):
        return client.recv(65_536)
    return b""


class HandFed(asyncio.Transport):
    """Keeps what is written; `ended` once it was closed or aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.ended = False

    def write(self, data: Any) -> None:
        self.sent += data

    def close(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.ended = True


class PureDoor:
    """The same without a socket."""

    def __init__(self, handler: Handler) -> None:
        self.owner = FuzzOwner(handler)
        self.door = _sessions_py.Door(self.owner, LIMITS)

    def talk(self, data: bytes) -> bytes:
        transport = HandFed()
        session = _sessions_py.Session(self.door)
        session.connection_made(transport)
        for chunk in chunks_of(data):
            if chunk and not transport.ended:
                session.data_received(chunk)
        session.connection_lost(None)
        assert not len(self.door)
        return transport.sent
