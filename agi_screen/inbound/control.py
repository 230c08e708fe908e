"""The Unix socket of the commands: one JSON line in, one JSON line out. Only who may open the file may ask."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.listening import Listening, bound_unix

log = logging.getLogger("agi_screen.control")

MAX_LINE = 65_536
LINE_SECONDS = 5.0
CLOSING_SECONDS = 1.0
ANSWER_SECONDS = 10.0  # for the answer to be read
MOST_OPEN = 64
Answer = dict[str, Any]
Handler = Callable[[Mapping[str, Any]], Awaitable[Answer]]


class ControlServer:
    """Answers `{"do": NAME, …}` by the handler of that name; errors come back as `{"ok": false, "error": …}`."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self.socket: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def start(self, path: Path, given: Listening | None = None) -> None:
        """Listens on `path`; only the daemon's own user may use it. Raises OSError."""
        found = given.unix(path) if given is not None else None
        self.socket = found or bound_unix(path)
        path.chmod(0o600)  # noqa: ASYNC240  once, at start
        self._server = await asyncio.start_unix_server(self._tracked, sock=self.socket.dup(), limit=MAX_LINE)

    def close(self) -> None:
        """Takes no more commands."""
        if self._server is not None:
            self._server.close()
        if self.socket is not None:
            self.socket.close()

    async def stop(self) -> None:
        """The same, and waits a moment for the answers under way."""
        self.close()
        if self._answering:
            await asyncio.wait(self._answering, timeout=CLOSING_SECONDS)

    async def _tracked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._answering.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A descriptor that is held here is one less for a call: nobody holds one for long, nor many."""
        if len(self._answering) > MOST_OPEN:
            writer.transport.abort()
        else:
            await _said(writer, await self._heard(reader))

    async def _heard(self, reader: asyncio.StreamReader) -> Answer:
        try:
            line = await asyncio.wait_for(reader.readline(), LINE_SECONDS)
            return await self._answer(line)
        except (TimeoutError, ValueError, RecursionError) as error:  # ValueError: a line over the limit, or no JSON
            return {"ok": False, "error": f"one JSON line of at most {MAX_LINE} bytes is wanted: {error}"}
        except Exception as error:  # boundary: a fault in a command must not reach the calls
            log.exception("a fault in a command")
            return {"ok": False, "error": f"a fault of agi-screen: {type(error).__name__}"}

    async def _answer(self, line: bytes) -> Answer:
        request = json.loads(line)
        name = request.get("do") if isinstance(request, dict) else None
        handler = self._handlers.get(name) if isinstance(name, str) else None
        if handler is None:
            known = ", ".join(sorted(self._handlers))
            return {"ok": False, "error": f"do = {str(name)[:40]!r}: known are {known}"}
        try:
            return {"ok": True, **await handler(request)}
        except AgiScreenError as error:
            return {"ok": False, "error": str(error)}


async def _said(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Who does not read the answer in time does not get it."""
    writer.write(json.dumps(answer).encode() + b"\n")
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), ANSWER_SECONDS)
    except (TimeoutError, OSError):
        writer.transport.abort()
