"""Redis frozen, killed, and its connections cut while calls come: none waits, each counts, and none counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count, cycle

from tests.asterisk.until import until
from tests.cluster.daemons import Machine, over_the_limit, tokens_taken
from tests.cluster.servers import Server

LIMIT = "1000/1000h"
HOUR_US = 3600 * 1_000_000
callers = (f"+1651555{n:04}" for n in count(1000))


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
        for _ in cycle([None]):
            if self._ended:
                return
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


async def fault(three: list[Machine], redis: Server, break_: Callable[[], None], mend: Callable[[], None]) -> None:
    """Nobody waits too long, everybody is decided, and afterwards Redis knows of every call once."""
    caller, alone, overdue = next(callers), sums(three, "alone"), sums(three, "overdue")
    async with load(three, caller) as calls:
        await calls.more(20)
        break_()
        await until(lambda: not any(machine.shared()["state"] == "ok" for machine in three))
        await calls.more(60)
        mend()
        await until(lambda: all(machine.shared()["state"] == "ok" for machine in three), 30)
        await calls.more(20)
    assert sums(three, "alone") - alone > 50
    assert sums(three, "overdue") == overdue
    with redis.client() as client:
        taken = tokens_taken(client, caller, HOUR_US)
    assert len(calls.verdicts) - 0.1 < taken <= len(calls.verdicts)


async def test_a_frozen_redis(three: list[Machine], redis: Server) -> None:
    await fault(three, redis, redis.freeze, redis.thaw)


async def test_a_killed_redis(three: list[Machine], redis: Server) -> None:
    await fault(three, redis, redis.kill, redis.start)


async def test_connections_that_are_cut_again_and_again(three: list[Machine], redis: Server) -> None:
    caller = next(callers)
    with redis.client() as client:
        async with load(three, caller) as calls:
            for pause in (0, 20, 0, 20, 0, 20):
                await calls.more(5)
                if pause:
                    client.client_pause(pause)
                client.client_kill_filter(_type="normal", skipme=True)
                await until(lambda: any(machine.in_touch() for machine in three))
        taken = tokens_taken(client, caller, HOUR_US)
    assert len(calls.verdicts) - 0.1 < taken <= len(calls.verdicts)
