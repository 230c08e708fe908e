"""A FastAGI server over real TCP that answers as a test says: a verdict, silence, garbage, or a cut connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

HOST = "127.0.0.1"


class Manner(Enum):
    """What the daemon does once it has read the environment."""

    OBEY = "runs its commands, then closes"
    HANG = "never says a word"
    CLOSE = "closes without a command"
    CLOSE_MID_COMMAND = "closes in the middle of a command"
    GARBAGE = "sends what is no AGI command, then closes"
    GARBAGE_HANG = "sends what is no AGI command, then nothing"


@dataclass(slots=True)
class FakeSession:
    """What Asterisk sent: the environment lines as they came, and the reply to each command."""

    lines: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return dict(line.split(": ", 1) for line in self.lines if ": " in line)

    @property
    def options(self) -> dict[str, str]:
        """The arguments `name=value` of AGI()."""
        arguments = [v for k, v in self.environment.items() if k.startswith("agi_arg_")]
        return {k: v for k, _, v in (a.partition("=") for a in arguments)}


def verdict(word: str, **more: str) -> str:
    """The one command that ends an ordinary session."""
    pairs = {"SCREEN_VERDICT": word, **more}
    return f'EXEC MSet "{",".join(f"{k}={v}" for k, v in pairs.items())}"'


class FakeDaemon:
    """`async with FakeDaemon(port, Manner.OBEY, [verdict("allow")]) as daemon:`; sessions in `daemon.sessions`."""

    def __init__(self, port: int, manner: Manner = Manner.OBEY, commands: Sequence[str] = ()) -> None:
        self.port, self.manner, self.commands = port, manner, commands
        self.sessions: list[FakeSession] = []
        self._arrived: asyncio.Queue[FakeSession] = asyncio.Queue()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, self.port)
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def session(self, seconds: float = 10.0) -> FakeSession:
        """The next session, once it is over."""
        return await asyncio.wait_for(self._arrived.get(), seconds)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        session = FakeSession()
        self.sessions.append(session)
        try:
            await self._serve(session, reader, writer)
        except ConnectionError:
            session.replies.append("connection lost")
        finally:
            writer.close()
            self._arrived.put_nowait(session)

    async def _serve(self, session: FakeSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\n"):
            session.lines.append(line)
        match self.manner:
            case Manner.OBEY:
                await self._obey(session, reader, writer)
            case Manner.HANG:
                await reader.read()
            case Manner.CLOSE:
                return
            case Manner.CLOSE_MID_COMMAND:
                writer.write(b'EXEC MSet "SCREEN_VERD')
                await writer.drain()
            case Manner.GARBAGE | Manner.GARBAGE_HANG:
                writer.write(b"\x00\xff${SHELL(id)}\nHTTP/1.1 200 OK\n\n" + b"x" * 5000 + b"\n")
                await writer.drain()
                if self.manner is Manner.GARBAGE_HANG:
                    await reader.read()

    async def _obey(self, session: FakeSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for command in self.commands:
            writer.write(command.encode() + b"\n")
            reply = (await reader.readline()).decode("utf-8", "replace").strip()
            session.replies.append(reply)
            if not reply or reply.startswith("HANGUP"):
                return
