"""Calls without a pause over several daemons, and what is asked of these afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.asterisk.until import until
from tests.cluster.daemons import Machine, over_the_limit

HOUR_US = 3600 * 1_000_000  # what a token of "1000/1000h" takes to come back


class Load:
    """Calls of one caller, one after the other on each machine, without a pause."""

    def __init__(self, machines: list[Machine], caller: str) -> None:
        self.verdicts: list[str] = []
        self._machines, self._caller = machines, caller
        self._ended = False

    async def run(self) -> None:
        await asyncio.gather(*(self._calls(machine) for machine in self._machines))

    def end(self) -> None:
        self._ended = True

    async def more(self, calls: int) -> None:
        """So many have their verdict since now."""
        have = len(self.verdicts)
        await until(lambda: len(self.verdicts) >= have + calls, 30)

    async def _calls(self, machine: Machine) -> None:
        while not self._ended:
            verdict = await machine.call(self._caller)
            over_the_limit(verdict)  # it is one
            self.verdicts.append(verdict)
            await asyncio.sleep(0)


@asynccontextmanager
async def load(machines: list[Machine], caller: str) -> AsyncIterator[Load]:
    """Ends when the last call has its verdict, and everybody knows of it."""
    calls = Load(machines, caller)
    running = asyncio.create_task(calls.run())
    yield calls
    calls.end()
    await running
    for machine in machines:
        await until(machine.in_touch, 30)


def sums(three: list[Machine], name: str) -> int:
    return sum(machine.shared()[name] for machine in three)
