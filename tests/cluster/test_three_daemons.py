"""Three daemons and one Redis: a limit is one limit, a pass is one pass, and what one learned all know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.asterisk.until import until
from tests.cluster.daemons import Machine, counts
from tests.cluster.servers import Server

CALLER = "+16515550142"
NAMES = ("one", "two", "three")


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Server]:
    with Server(tmp_path) as server:
        await server.answers()
        yield server


async def machines(stack: ExitStack, folder: Path, url: str, **options: str) -> list[Machine]:
    made = [stack.enter_context(Machine(folder, name, url, **options)) for name in NAMES]
    for machine in made:
        machine.is_ready()
        await until(machine.in_touch)
    return made


async def test_a_limit_holds_over_all_of_them_to_the_call(tmp_path: Path, redis: Server) -> None:
    with ExitStack() as stack:
        three = await machines(stack, tmp_path, redis.url, limit="20/10h", deadline="1s")
        verdicts = await asyncio.gather(*(three[n % 3].call(CALLER) for n in range(60)))
        assert counts(verdicts) == {False: 20, True: 40}
        assert [machine.shared()["shared"] for machine in three] == [20, 20, 20]
        assert not any(machine.shared()["overdue"] for machine in three)
        with redis.client() as client:
            assert not [key for key in client.keys() if CALLER[1:].encode() in key], "no number in clear"
