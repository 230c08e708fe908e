"""The Unix socket of the commands: one JSON line in, one JSON line out. Only who may open the file may ask."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from agi_screen.base.errors import AgiScreenError

log = logging.getLogger("agi_screen.control")

MAX_LINE = 65_536
LINE_SECONDS = 5.0
ANSWER_SECONDS = 10.0  # for the answer to be read
MOST_OPEN = 64
Answer = dict[str, Any]
Handler = Callable[[Mapping[str, Any]], Awaitable[Answer]]


class ControlServer:
    """Answers `{"do": NAME, …}` by the handler of that name; errors come back as `{"ok": false, "error": …}`."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._server: asyncio.Server | None = None
        self._open = 0

    async def start(self, path: Path) -> None:
        """Listens on `path`; only the daemon's own user may use it. Raises OSError."""
        path.unlink(missing_ok=True)  # noqa: ASYNC240  left by a daemon that was killed; once, at start
        self._server = await asyncio.start_unix_server(self._serve, str(path), limit=MAX_LINE)
        path.chmod(0o600)  # noqa: ASYNC240  once, at start

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A descriptor that is held here is one less for a call: nobody holds one for long, nor many."""
        if self._open >= MOST_OPEN:
            writer.transport.abort()
            return
        self._open += 1
        try:
            await _said(writer, await self._heard(reader))
        finally:
            self._open -= 1

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
