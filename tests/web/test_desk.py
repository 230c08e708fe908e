"""The desk beside the daemon: it starts, or says in one line why not, and calls go on."""

from __future__ import annotations

import logging
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from agi_screen.base.clock import SystemClock
from agi_screen.daemon import Daemon
from agi_screen.desk import Desk
from agi_screen.health import Health
from agi_screen.operate import Operator
from agi_screen.settings import load
from tests.certificates import self_signed
from tests.web.made_desk import reconfigured

Open = Callable[[str], AbstractAsyncContextManager[Desk]]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    @asynccontextmanager
    async def desk(web: str) -> AsyncIterator[Desk]:
        path = tmp_path / "agi-screen.toml"
        path.write_text(f"[agi]\nlisten = '127.0.0.1:0'\n[ami]\nenabled = false\n[web]\n{web}\n")
        clock = SystemClock()
        daemon = Daemon(load(path), clock)
        operator = Operator(daemon, clock)
        made = Desk(daemon, operator, Health(daemon, clock), clock)
        await daemon.start()
        await made.start()
        assert (await operator.status({}))["web"] == made.state
        assert daemon.agi.listening is not None
        yield made
        await made.stop()
        await daemon.stop()

    return desk


async def test_answers_where_the_status_says(opened: Open) -> None:
    async with opened("listen = '127.0.0.1:0'") as desk, aiohttp.ClientSession() as client:
        assert desk.state.startswith("http://127.0.0.1:")
        async with client.get(f"{desk.state}/api/v1/status") as answer:
            assert answer.status == 401
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_first_start_offers_the_setup_link_once(
    opened: Open, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with opened("listen = '127.0.0.1:0'") as desk, aiohttp.ClientSession() as client:
        await desk.offered()
        said = capfd.readouterr().err
        link, token = re.findall(r"(http://127\.0\.0\.1:\d+/setup)#(\S+)", said)[-1]
        assert token not in caplog.text
        async with client.get(link) as page:
            assert page.status == 200
        first = {"token": token, "name": "ann", "password": "correct horse battery"}
        async with client.post(f"{desk.state}/api/v1/setup", json=first) as answer:
            assert answer.status == 200
    async with opened("listen = '127.0.0.1:0'") as desk:
        await desk.offered()
        assert "setup#" not in capfd.readouterr().err


async def test_pages(opened: Open) -> None:
    async with opened("listen = '127.0.0.1:0'") as desk, aiohttp.ClientSession() as client:
        async with client.get(f"{desk.state}/login") as page:
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert page.headers["Cache-Control"] == "no-cache"
            assert page.headers["Content-Encoding"] == "gzip"
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            etag = page.headers["ETag"]
        async with client.get(f"{desk.state}/login", headers={"If-None-Match": etag}) as again:
            assert again.status == 304
        async with client.head(f"{desk.state}/", headers={"Accept-Encoding": "identity"}) as plain:
            assert (plain.status, "Content-Encoding" in plain.headers) == (200, False)
        for path, kind in (
            ("/no-such", "text/html"),
            ("/..%2f..%2fdesk.py", "text/html"),
            ("/api/x", "application/json"),
        ):
            async with client.get(desk.state + path) as missing:
                assert (missing.status, missing.content_type) == (404, kind)


async def test_off(opened: Open) -> None:
    async with opened("enabled = false") as desk:
        assert desk.state == "off"


async def test_taken_port(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        async with opened(f"listen = '{where}'") as desk:
            assert desk.state.startswith(f"FAILED: [web] listen = {where}: ")
            assert "change [web] listen" in desk.state
    (line,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "no operations desk, calls are taken" in line.getMessage()


async def test_beyond_loopback_only_with_tls(opened: Open) -> None:
    async with opened("listen = '0.0.0.0:0'") as desk:
        assert "passwords would cross the network in clear" in desk.state
    async with opened("listen = '0.0.0.0:0'\nbehind_proxy = true\nhosts = ['desk.example.org']") as desk:
        assert desk.state == "https://desk.example.org"


async def test_tls(opened: Open, tmp_path: Path) -> None:
    self_signed(tmp_path)
    files = "tls_certificate = 'certificate.pem'\ntls_key = 'key.pem'"
    context = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    async with opened(f"listen = '127.0.0.1:0'\n{files}") as desk, aiohttp.ClientSession() as client:
        assert desk.state.startswith("https://127.0.0.1:")
        async with client.get(f"{desk.state}/api/v1/status", ssl=context) as answer:
            assert answer.status == 401


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_bad_certificate(opened: Open, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "c.pem").write_text(content)
    files = "tls_certificate = 'c.pem'\ntls_key = 'k.pem'"
    async with opened(f"listen = '127.0.0.1:0'\n{files}") as desk:
        assert "tls_certificate = c.pem, tls_key = k.pem" in desk.state
        assert "give a PEM certificate" in desk.state


async def test_changes_wait_for_a_restart(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text("[web]\nmask_numbers = true\n")
    (tmp_path / "agi-screen.toml").write_text("")
    daemon = Daemon(load(tmp_path / "agi-screen.toml"), SystemClock())
    assert "web" not in reconfigured(daemon, path)
    path.write_text("[web]\nidle_time = '5m'\n")
    assert "web" in reconfigured(daemon, path)
