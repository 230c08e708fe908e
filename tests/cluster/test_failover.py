"""Sentinels make a replica the master while calls come over three daemons: nobody waits, and nothing counts twice."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

from tests.asterisk.until import until
from tests.cluster.conftest import machines
from tests.cluster.daemons import tokens_taken
from tests.cluster.loads import HOUR_US, load, sums
from tests.cluster.servers import SentinelServer, Server

CALLER = "+16515552001"


async def test_the_master_is_killed_under_load(tmp_path: Path) -> None:
    with ExitStack() as stack:
        master = stack.enter_context(Server(tmp_path))
        replica = stack.enter_context(Server(tmp_path, "--replicaof", master.host, str(master.port)))
        await master.answers()
        await until(lambda: replica.info("replication")["master_link_status"] == "up")
        sentinel = SentinelServer(tmp_path, master)
        stack.enter_context(sentinel)
        await until(sentinel.knows_a_replica)
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/mymaster"
        three = await asyncio.to_thread(stack.enter_context, machines(tmp_path, url, limit="1000/1000h", deadline="1s"))
        async with load(three, CALLER) as calls:
            await calls.more(30)
            master.kill()
            await until(lambda: not any(machine.shared()["state"] == "ok" for machine in three))
            await until(lambda: all(machine.shared()["state"] == "ok" for machine in three), 60)
            await calls.more(30)
        assert sums(three, "overdue") == 0
        assert replica.info("replication")["role"] == "master"
        with replica.client() as client:
            taken = tokens_taken(client, CALLER, HOUR_US)
        # What the old master had confirmed and not yet passed on is lost: some calls at most, and none is doubled.
        assert 0.95 * len(calls.verdicts) < taken <= len(calls.verdicts)
