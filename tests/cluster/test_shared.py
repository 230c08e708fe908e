"""The shared state inside one process, on a real Redis that refuses, forgets and is slow."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from agi_screen.base.clock import SystemClock
from agi_screen.base.records import Pass
from agi_screen.cluster.news import Kind, Outbox
from agi_screen.cluster.shared import SharedState
from agi_screen.cluster.state import State
from tests.asterisk.until import until
from tests.cluster.daemons import SECRET
from tests.cluster.servers import Server
from tests.cluster.test_connect import access_to

RATE = Kind("rate", 3600 * 10**6, 1000 * 3600 * 10**6)
CALLER = "+16515554001"
ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def sharing(url: str, *, secret: str = SECRET, password: str = "", **table: object) -> AsyncIterator[SharedState]:
    access = access_to(url, password)
    changed = {"secret": SecretStr(secret), "deadline": 1.0, **table}
    shared = SharedState(type(access)(access.url, access.table.model_copy(update=changed)), SystemClock())
    shared.configure((RATE,))
    shared.start()
    try:
        yield shared
    finally:
        await shared.stop()


async def ask(shared: SharedState, caller: str = CALLER) -> State | None:
    heard: asyncio.Future[State | None] = asyncio.get_running_loop().create_future()
    shared.ask(caller, "T", [RATE], heard.set_result, lambda _: None)
    return await asyncio.wait_for(heard, 10)


async def taken(shared: SharedState) -> int:
    state = await ask(shared)
    assert state is not None
    return -(-state.lacks[0] // RATE.interval_us)


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Server]:
    with Server(tmp_path) as server:
        await server.answers()
        yield server


async def test_a_user_with_the_rights_of_the_page_is_enough(redis: Server) -> None:
    page = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")
    found = re.search(r"ACL SETUSER agi-screen on >PASSWORD(.*?)```", page, re.DOTALL)
    assert found is not None
    with redis.client() as client:
        client.execute_command("ACL", "SETUSER", "agi-screen", "on", ">s3cret", *found[1].split())
    url = redis.url.replace("//", "//agi-screen@")
    async with sharing(url, password="s3cret") as shared:
        await until(lambda: shared.up)
        assert (await taken(shared), await taken(shared)) == (0, 1)
        shared.tell(CALLER).grant(Pass(CALLER, "T", 3, SystemClock.wall() + 60))
        shared.tell(CALLER).use("T")
        await until(lambda: shared.untold == 0)
        state = await ask(shared)
        assert state is not None
        assert state.uses == 2
        with redis.client() as client:
            await until(lambda: client.exists("agi-screen:secret") == 1)


async def test_a_wrong_password_is_said(redis: Server) -> None:
    with redis.client() as client:
        client.config_set("requirepass", "right")
    async with sharing(redis.url, password="wrong") as shared:
        await until(lambda: "WRONGPASS" in shared.state)
        assert await ask(shared) is None


async def test_another_secret_is_said(redis: Server) -> None:
    async with sharing(redis.url) as shared:
        with redis.client() as client:
            await until(lambda: client.exists("agi-screen:secret") == 1)
        async with sharing(redis.url, secret="another") as other:
            await until(lambda: other.other_secret)
            assert "another [cluster] secret" in other.state
        assert shared.state == "ok"


async def test_a_forgotten_script_is_brought_again(redis: Server) -> None:
    async with sharing(redis.url) as shared:
        await until(lambda: shared.up)
        assert await taken(shared) == 0
        with redis.client() as client:
            client.script_flush()
        assert (await taken(shared), await taken(shared)) == (1, 2)
        assert shared.up


@pytest.mark.parametrize("how", ["out of memory", "a replica"])
async def test_a_redis_that_takes_nothing_is_not_asked(redis: Server, how: str) -> None:
    async with sharing(redis.url) as shared:
        await until(lambda: shared.up)
        assert await taken(shared) == 0
        with redis.client() as client:
            if how == "a replica":
                client.replicaof("127.0.0.1", 1)
            else:
                client.config_set("maxmemory", 1)
            assert await ask(shared) is None, "it refuses: the call goes on at once"
            await until(lambda: shared.counts["refused"] > 0)
            assert await ask(shared) is None
            client.replicaof("NO", "ONE")
            client.config_set("maxmemory", 0)
        await until(lambda: shared.up and not shared.untold)
        assert await taken(shared) == 3, "what was taken meanwhile is told"
        assert shared.counts["missed"] == 0


async def test_a_slow_redis_is_asked_no_more_and_again_when_it_is_quick(redis: Server) -> None:
    async with sharing(redis.url, deadline=0.05) as shared:
        await until(lambda: shared.up)
        with redis.client() as client:
            client.client_pause(600)
        assert await ask(shared) is None
        assert "no reply within 50 ms" in shared.state
        assert await ask(shared) is None
        assert (shared.counts["missed"], shared.counts["alone"]) == (1, 1)
        await until(lambda: shared.up and not shared.untold)
        assert shared.counts["late"] == 1
        await until(lambda: shared.up)
    async with sharing(redis.url) as other:
        await until(lambda: other.up)
        assert await taken(other) == 2, "late, and told behind: once each"


def test_a_full_outbox_forgets_the_oldest_and_counts() -> None:
    box = Outbox(2)
    for caller in "abc":
        box.of(caller).take([RATE], 1)
    assert (len(box), box.lost, box.waits("a")) == (2, 1, False)
    first = box.take("b")
    assert first is not None
    box.of("b").take([RATE], 5)
    box.back(first)
    again = box.take("b")
    assert again is not None
    assert again.taken[RATE] == (1, 5, 2)
