"""What the AMI tests share: quick deadlines, and a client whose events and states can be awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from agi_screen.base.clock import SystemClock
from agi_screen.base.config import Ami
from agi_screen.inbound.ami import AmiClient, AmiEvent, AmiState, AmiStatus, AmiTimes

QUICK = AmiTimes(connect=1, answer=0.2, ping=0.05, retry_first=0.01, retry_most=0.05, renew=0.1)
CALM = AmiTimes(connect=5, answer=5, ping=15, retry_first=0.05, retry_most=0.5, renew=300)


def ami_table(port: int, secret: str = "right", **changes: object) -> Ami:
    """The `[ami]` table of the tests."""
    table = Ami.model_validate(
        {
            "enabled": True,
            "host": "127.0.0.1",
            "port": port,
            "username": "agi_screen",
            "secret": SecretStr(secret),
            "secret_file": "ami.secret",
            "obey_level": False,
            "silence": "20s",
        }
    )
    return table.model_copy(update=changes)


class Watched:
    """A client, what it told, and ways to wait for more."""

    def __init__(self, table: Ami, times: AmiTimes = CALM) -> None:
        self.events: asyncio.Queue[AmiEvent] = asyncio.Queue()
        self.statuses: list[AmiStatus] = []
        self._changed = asyncio.Event()
        self.client = AmiClient(table, self.take, SystemClock(), times, on_status=self._said)

    def take(self, event: AmiEvent) -> None:
        self.events.put_nowait(event)

    def _said(self, status: AmiStatus) -> None:
        self.statuses.append(status)
        self._changed.set()

    async def event(self) -> AmiEvent:
        return await asyncio.wait_for(self.events.get(), 5)

    async def until(self, state: AmiState, seconds: float = 10) -> AmiStatus:
        """Waits for the state; the status that brought it."""
        async with asyncio.timeout(seconds):
            while self.client.state is not state:
                self._changed.clear()
                await self._changed.wait()
        return self.client.status


async def next_turn() -> None:
    """Lets the loop do what is due."""
    turn = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turn.set_result, None)
    await turn


@asynccontextmanager
async def watched(table: Ami, times: AmiTimes = CALM) -> AsyncIterator[Watched]:
    """A started client, stopped at the end."""
    it = Watched(table, times)
    await it.client.start()
    try:
        yield it
    finally:
        await it.client.stop()
