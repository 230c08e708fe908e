"""Redis frozen, killed, and its connections cut while calls come: none waits, each counts, and none counts twice."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from tests.asterisk.until import until
from tests.cluster.daemons import Machine, tokens_taken
from tests.cluster.loads import HOUR_US, load, sums
from tests.cluster.servers import Server

LIMIT = "1000/1000h"
callers = (f"+1651555{n:04}" for n in count(1000))


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
