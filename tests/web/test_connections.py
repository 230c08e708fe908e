"""The desk's bound on open connections, on real sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from agi_screen.web.connections import Connections
from tests.asterisk.until import until
from tests.web.running import NO_AMI, Running, running

MOST = 10
HALF_A_BODY = (
    b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def small_desk(folder: Path) -> AsyncIterator[tuple[Running, Connections]]:
    """A daemon whose desk holds ten connections."""
    async with running(folder, f"max_connections = {MOST}\n{NO_AMI}") as it:
        assert it.desk.connections is not None
        yield it, it.desk.connections


async def connect(it: Running) -> Streams:
    return await asyncio.open_connection("127.0.0.1", int(it.url.rpartition(":")[2]))


async def closed(streams: Streams) -> bool:
    """Whether the other side has closed."""
    try:
        return await asyncio.wait_for(streams[0].read(), 5) == b""
    except ConnectionError:
        return True
    finally:
        streams[1].close()


async def test_the_oldest_idle_connection_gives_way(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with small_desk(tmp_path) as (it, connections):
        held = [await connect(it) for _ in range(MOST)]
        await until(lambda: connections.open == MOST)
        async with aiohttp.ClientSession() as client, client.get(f"{it.url}/healthz") as answer:
            assert answer.status == 200
        assert await closed(held[0])
        assert connections.open <= MOST
        assert connections.counts == {"idle": 1}
        held[-1][1].write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")  # the others are still served
        assert (await held[-1][0].readline()).startswith(b"HTTP/1.1 200")
        assert f"[web] max_connections = {MOST} are open; calls go on" in caplog.text
        for _, writer in held:
            writer.close()


async def test_where_all_are_at_work_the_new_one_is_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with small_desk(tmp_path) as (it, connections):
        held = [await connect(it) for _ in range(MOST)]
        for _, writer in held:
            writer.write(HALF_A_BODY)
        await until(lambda: len(connections.patience.asked) == MOST)
        assert await closed(await connect(it))
        assert connections.counts == {"new": 1}
        assert "SCREEN_VERDICT=allow" in await it.call("4155552671")
        for _, writer in held:
            writer.close()
        await until(lambda: connections.open == 0)
    assert "a fault in the desk" not in caplog.text  # those who went in the middle of their body


async def test_what_is_no_http_fills_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with small_desk(tmp_path) as (it, connections):
        for nonsense in (b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000, b"\x16\x03\x01\r\n\r\n", b"GET / HTTP/9\r\n\r\n"):
            reader, writer = await connect(it)
            writer.write(nonsense)
            assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
            writer.close()
        await until(lambda: connections.open == 0)
    assert "Traceback" not in caplog.text
    assert "yyyyyyyy" not in caplog.text
