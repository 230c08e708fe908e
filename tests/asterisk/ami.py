"""A small AMI client for tests and the demo: logs in, sends actions, keeps events; splits strictly on CRLF."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Self

from tests.asterisk.sip import HOST

Event = dict[str, str]
Match = Callable[[Event], bool]


class AmiError(RuntimeError):
    """Asterisk refused an action; the text is its answer."""


class Ami:
    """`async with await Ami.login(port, user, secret) as ami:`; `ami.events` holds all that came so far."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._reader, self._writer = reader, writer
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[Event]] = {}
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def login(cls, port: int, user: str, secret: str) -> Self:
        """Connects and logs in; raises AmiError where the secret is wrong."""
        reader, writer = await asyncio.open_connection(HOST, port)
        await reader.readline()
        ami = cls(reader, writer)
        await ami.action("Login", Username=user, Secret=secret)
        return ami

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._task.cancel()
        self._writer.close()

    async def action(self, name: str, **fields: str) -> Event:
        """Sends one action and gives its answer."""
        number = str(next(self._ids))
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        lines = [f"Action: {name}", f"ActionID: {number}", *(f"{k}: {v}" for k, v in fields.items())]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        reply = await asyncio.wait_for(answer, 10)
        if reply.get("Response") == "Error":
            raise AmiError(f"{name}: {reply.get('Message', '')}")
        return reply

    async def wait(self, match: Match, seconds: float = 10.0) -> Event:
        """The first event that matches, among those that came already or will come."""
        found: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

        def listen(event: Event) -> None:
            if match(event) and not found.done():
                found.set_result(event)

        for event in self.events:
            listen(event)
        self.listeners.append(listen)
        try:
            return await asyncio.wait_for(found, seconds)
        finally:
            self.listeners.remove(listen)

    async def event(self, name: str, seconds: float = 10.0, **fields: str) -> Event:
        """The first event of that name with those fields."""
        wanted = {"Event": name, **fields}
        return await self.wait(lambda event: wanted.items() <= event.items(), seconds)

    async def _read(self) -> None:
        while block := await self._block():
            number = block.get("ActionID", "")
            if "Response" in block and number in self._answers:
                self._answers.pop(number).set_result(block)
            elif "Event" in block:
                self.events.append(block)
                for listen in list(self.listeners):
                    listen(block)

    async def _block(self) -> Event:
        """One message; empty at the end of the connection."""
        try:
            text = (await self._reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
        except (asyncio.IncompleteReadError, ConnectionError):
            return {}
        pairs = (line.partition(": ") for line in text.split("\r\n") if line)
        # The first value of a name wins: what follows an injected line end must not hide it.
        block: Event = {}
        for key, _, value in pairs:
            block.setdefault(key.removesuffix(":"), value)
        return block
