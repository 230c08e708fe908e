"""Clients of the desk that are slow on purpose, or send what only looks like a request: none is waited for long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from agi_screen.web import server
from agi_screen.web.access.access import ACCESS
from agi_screen.web.access.door import Door
from agi_screen.web.api import all_routes
from agi_screen.web.patience import Patience, body_of
from agi_screen.web.reports.runner import add_reports
from agi_screen.web.server import WebServer, build_app
from tests.web.made_desk import MadeDesk, made_desk

PATIENCE = 0.3
SOON = 10.0
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
LOG_IN = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
LOG_IN += b"Content-Length: 900\r\n\r\n"


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """The desk on a real socket, with little patience."""
    async with made_desk(tmp_path) as made:
        app = build_app(made.office, Door(made.office, made.access), all_routes())
        app[ACCESS] = made.access
        add_reports(app, made.office)
        running = WebServer(app, patience=Patience(PATIENCE))
        yield await running.start("127.0.0.1", 0)
        await running.stop()


async def ended(port: int, sent: bytes, trickle: bytes = b"") -> bytes:
    """What comes until the server ends the connection, while `trickle` goes out byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    dripping = asyncio.create_task(drip(writer, trickle))
    try:
        return await asyncio.wait_for(reader.read(), SOON)
    except ConnectionError:
        return b""
    finally:
        dripping.cancel()
        writer.close()


async def drip(writer: asyncio.StreamWriter, trickle: bytes) -> None:
    for byte in trickle:
        writer.write(bytes([byte]))
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), PATIENCE / 10)


@pytest.mark.parametrize(
    ("sent", "trickle"),
    [(b"", b""), (HEAD, b""), (HEAD, b"X-Slow: " + b"a" * 1000), (b"", HEAD * 100), (b"\x16\x03\x01", b"")],
    ids=["nothing", "half a head", "a header byte by byte", "all byte by byte", "TLS to a plain port"],
)
async def test_who_does_not_say_what_he_wants_is_let_go(port: int, sent: bytes, trickle: bytes) -> None:
    got = await ended(port, sent, trickle)
    assert got == b"" or got.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")), got


async def test_after_an_answer_the_connection_is_not_kept_for_ever(port: int) -> None:
    got = await ended(port, HEAD + b"\r\n")
    assert got.startswith(b"HTTP/1.1 200")


async def test_hundreds_of_slow_ones_keep_nobody_out(port: int) -> None:
    slow = [asyncio.create_task(ended(port, HEAD)) for _ in range(200)]
    async with ClientSession() as quick:
        for _ in range(20):
            async with quick.get(f"http://127.0.0.1:{port}/healthz") as said:
                assert said.status == 200
    assert set(await asyncio.gather(*slow)) == {b""}


async def test_a_body_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def soon(request: web.Request) -> bytes:
        return await body_of(request, PATIENCE)

    monkeypatch.setattr(server, "body_of", soon)
    got = await ended(port, LOG_IN, b"x" * 600)
    assert got.startswith(b"HTTP/1.1 408"), got
    assert b'"field": "body"' in got


async def test_an_answer_that_nobody_reads_is_not_kept(port: int) -> None:
    """More answers than any socket's buffer holds, and not a byte of them read."""
    loop = asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setblocking(False)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(
                loop.sock_sendall(client, b"GET /vendor HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500_000), 60
            )


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x"])
async def test_a_packed_body_is_refused(port: int, encoding: str, caplog: pytest.LogCaptureFixture) -> None:
    async with (
        ClientSession() as client,
        client.post(
            f"http://127.0.0.1:{port}/api/v1/session",
            data=b"{}",
            headers={"Content-Encoding": encoding, "Content-Type": "application/json"},
        ) as said,
    ):
        assert said.status in (400, 415), await said.text()  # 400: aiohttp looks at a body that came with its head
    assert caplog.records == []


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1<x>\r\n\r\n", b"G@T / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA\0: x\r\n\r\n"]
)
async def test_what_is_no_http_writes_nothing_into_the_log(
    port: int, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a traceback for everybody who can connect, nor what came, which may hold a token."""
    assert (await ended(port, sent)).startswith(b"HTTP/1.")
    assert caplog.records == []


async def test_a_refusal_of_the_server_itself_has_our_headers(desk: MadeDesk) -> None:
    said = await desk.browser().get("/", headers={"Expect": "the-impossible\udcff"})
    assert said.status == 417
    assert said.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in said.headers["Content-Security-Policy"]
