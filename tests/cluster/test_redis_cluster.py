"""A Redis Cluster of three masters: each caller on the one of its slot, wherever that is now, and one that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.crc import key_slot

from agi_screen.base.clock import SystemClock
from agi_screen.cluster.news import Kind
from agi_screen.cluster.shared import SharedState
from agi_screen.cluster.state import State, hashing_key, key_of
from tests.asterisk.until import until
from tests.cluster.daemons import SECRET
from tests.cluster.servers import Server
from tests.cluster.test_connect import access_to

RATE = Kind("rate", 3600 * 10**6, 1000 * 3600 * 10**6)
CALLERS = [f"+1651555{n:04}" for n in range(40)]


@pytest.fixture
def masters(tmp_path: Path) -> Iterator[list[Server]]:
    """Three that have a third of the slots each."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no")
    with ExitStack() as stack:
        three = [stack.enter_context(Server(tmp_path, *options)) for _ in range(3)]
        for place, server in enumerate(three):
            asyncio.run(server.answers())
            with server.client() as client:
                last = 16383 if place == 2 else (place + 1) * 5461 - 1
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", place * 5461, last)
                client.execute_command("CLUSTER", "MEET", three[0].host, three[0].port)
        asyncio.run(until(lambda: all(cluster_is_whole(server) for server in three), 30))
        yield three


def cluster_is_whole(server: Server) -> bool:
    with server.client() as client:
        said = client.execute_command("CLUSTER INFO")
        return "cluster_state:ok" in str(said) or said.get("cluster_state") == "ok"


def sharing(masters: list[Server]) -> SharedState:
    access = access_to(f"redis+cluster://{masters[0].host}:{masters[0].port}")
    table = access.table.model_copy(update={"secret": SecretStr(SECRET), "deadline": 1.0})
    shared = SharedState(type(access)(access.url, table), SystemClock())
    shared.configure((RATE,))
    return shared


async def ask(shared: SharedState, caller: str) -> State | None:
    heard: asyncio.Future[State | None] = asyncio.get_running_loop().create_future()
    shared.ask(caller, "T", [RATE], heard.set_result, lambda _: None)
    return await asyncio.wait_for(heard, 10)


def tokens(state: State | None) -> int:
    assert state is not None
    return -(-state.lacks[0] // RATE.interval_us)


async def test_each_caller_is_on_the_master_of_its_slot(masters: list[Server]) -> None:
    one, two = sharing(masters), sharing(masters)
    for shared in (one, two):
        shared.start()
    await until(lambda: one.up and two.up)
    for before in range(3):
        for caller in CALLERS:
            assert tokens(await ask((one, two)[before % 2], caller)) == before
    sizes = [client_size(server) for server in masters]
    assert all(sizes)
    moved = next(c for c in CALLERS if key_slot(key_of(hashing_key(SECRET), c).encode()) < 5461)
    await move_slot(masters, key_slot(key_of(hashing_key(SECRET), moved).encode()))
    assert tokens(await ask(one, moved)) == 3, "MOVED is followed at once"
    await gone_master(masters[2], one)
    for shared in (one, two):
        await shared.stop()


def client_size(server: Server) -> int:
    with server.client() as client:
        return int(client.dbsize())


async def move_slot(masters: list[Server], slot: int) -> None:
    """From the first to the second, as redis-cli does."""
    with masters[0].client() as source, masters[1].client() as target:
        ids = [client.execute_command("CLUSTER MYID").decode() for client in (source, target)]
        target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
        source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        for key in source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
            source.execute_command("MIGRATE", masters[1].host, masters[1].port, key, 0, 5000)
        target.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        source.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[1])


async def gone_master(master: Server, shared: SharedState) -> None:
    """Its callers are decided alone, all others are shared as before."""
    master.kill()
    await until(lambda: not shared.up)
    states = [await ask(shared, caller) for caller in CALLERS]
    assert any(state is None for state in states)
    assert any(state is not None for state in states)
    assert shared.untold == sum(state is None for state in states)
