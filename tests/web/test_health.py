"""`/healthz` and `/readyz`, as a load balancer asks them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from agi_screen.health import PARTS
from tests.asterisk.until import until
from tests.web.made_desk import MadeDesk
from tests.web.running import Running, running


async def test_alive_whoever_asks(desk: MadeDesk) -> None:
    for headers in ({}, {"Host": "balancer.example.org"}, {"Authorization": "Bearer none"}):
        said = await desk.browser().get("/healthz", headers=headers)
        assert (said.status, await said.text()) == (200, "ok\n")
        assert said.headers["Cache-Control"] == "no-store"


async def test_ready_says_each_part(desk: MadeDesk) -> None:
    said = await desk.browser().get("/readyz", headers={"Host": "balancer.example.org"})
    assert (said.status, await said.json()) == (200, {"ready": True, "parts": {"agi": True}})
    desk.fake.parts["agi"] = False
    said = await desk.browser().head("/readyz")
    assert said.status == 503


async def ready(daemon: Running) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as client, client.get(f"{daemon.url}/readyz") as said:
        return said.status, await said.json()


async def test_of_a_daemon(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        assert await ready(daemon) == (200, {"ready": True, "parts": dict.fromkeys(PARTS, True)})


async def test_not_ready_while_draining(tmp_path: Path) -> None:
    """A call is under way: no new ones are taken, and who sends them here learns it."""
    async with running(tmp_path) as daemon:
        address = daemon.daemon.agi.address
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"agi_request: agi://x/screen\n")
        await until(lambda: daemon.daemon.agi.open_sessions == 1)
        stopping = asyncio.create_task(daemon.daemon.stop())
        await until(lambda: daemon.daemon.stopping)
        status, said = await ready(daemon)
        assert (status, said["ready"], said["parts"]["agi"]) == (503, False, False)
        async with aiohttp.ClientSession() as client, client.get(f"{daemon.url}/healthz") as alive:
            assert alive.status == 200
        writer.close()
        await stopping


async def test_screens_without_ami(tmp_path: Path) -> None:
    """What does not keep calls from being screened is said, and sends no call away."""
    async with running(tmp_path, "[ami]\nport = 1\n") as daemon:
        status, said = await ready(daemon)
        assert (status, said["parts"]["ami"]) == (200, False)


async def test_not_ready_without_its_lists(tmp_path: Path) -> None:
    (tmp_path / "agi-screen.db").mkdir()
    async with running(tmp_path) as daemon:
        status, said = await ready(daemon)
        assert (status, said["parts"]["lists"]) == (503, False)
