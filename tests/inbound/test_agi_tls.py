"""FastAGI over TLS, and the secret: real handshakes, real sessions, clients that do what they should not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from agi_screen.base.agi_wire import mset
from agi_screen.base.config import Agi
from agi_screen.inbound.agi import AgiServer, ListenError
from agi_screen.inbound.agi_tls import TlsFront
from tests.asterisk.until import until
from tests.certificates import self_signed
from tests.inbound.test_agi_server import REQUEST, VERDICT, config, echo, ended

SOON = 5.0
UNAUTHORISED = mset({"SCREEN_VERDICT": "allow", "SCREEN_ERROR": "unauthorised"})


def tls_config(**changed: Any) -> Agi:
    files = {"tls_listen": "127.0.0.1:0", "tls_certificate": "certificate.pem", "tls_key": "key.pem"}
    return config(**{**files, **changed})


@pytest.fixture
def folder() -> Any:
    """Short: a Unix socket's path may have 107 bytes only."""
    with TemporaryDirectory() as made:
        self_signed(Path(made))
        yield Path(made)


@asynccontextmanager
async def serving(folder: Path, **changed: Any) -> AsyncIterator[tuple[AgiServer, TlsFront]]:
    settings = tls_config(**changed)
    server, front = AgiServer(settings, {"echo": echo}), TlsFront(folder / "agi.sock")
    await server.start()
    await server.start_unix(folder / "agi.sock")
    await front.start(settings, folder)
    try:
        yield server, front
    finally:
        front.close()
        await server.stop()
        await front.stop()


def trusting(folder: Path, *, client: str = "", name: str = "certificate") -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(folder / f"{name}.pem"))
    if client:
        context.load_cert_chain(folder / f"{client}.pem", folder / f"{client}-key.pem")
    return context


async def exchange(front: TlsFront, context: ssl.SSLContext, sent: bytes = REQUEST) -> bytes:
    """All that came until the end, each command answered."""
    assert front.listening is not None
    reader, writer = await asyncio.open_connection(*_where(front), ssl=context, server_hostname="localhost")
    writer.write(sent)
    got = b""
    while line := await asyncio.wait_for(reader.readline(), SOON):
        got += line
        writer.write(b"200 result=0\n")
    writer.transport.abort()
    return got


def _where(front: TlsFront) -> tuple[str, int]:
    assert front.listening is not None
    return front.listening.host, front.listening.port


async def test_a_session_over_tls(folder: Path) -> None:
    async with serving(folder) as (server, front):
        assert await exchange(front, trusting(folder)) == VERDICT
        await until(lambda: server.open_sessions == 0)


async def test_many_at_once(folder: Path) -> None:
    async with serving(folder) as (server, front):
        context = trusting(folder)
        assert await asyncio.gather(*(exchange(front, context) for _ in range(50))) == [VERDICT] * 50
        await until(lambda: server.open_sessions == 0)


async def test_only_clients_of_the_named_authority(folder: Path) -> None:
    self_signed(folder, "asterisk", "asterisk-key")
    self_signed(folder, "stranger", "stranger-key")
    async with serving(folder, tls_clients="asterisk.pem") as (_, front):
        assert await exchange(front, trusting(folder, client="asterisk")) == VERDICT
        for client in ("", "stranger"):
            with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
                assert await exchange(front, trusting(folder, client=client)) != b""


async def test_no_tls_and_half_a_handshake_end_in_time(folder: Path) -> None:
    async with serving(folder, environment_time="200ms") as (server, front):
        for said in (REQUEST, b"\x16\x03\x01", b""):
            reader, writer = await asyncio.open_connection(*_where(front))
            writer.write(said)
            assert await ended(reader)
            writer.transport.abort()
        assert server.open_sessions == 0


async def test_an_environment_that_does_not_come_ends_in_time(folder: Path) -> None:
    async with serving(folder, environment_time="300ms") as (server, front):
        reader, writer = await asyncio.open_connection(
            *_where(front), ssl=trusting(folder), server_hostname="localhost"
        )
        writer.write(REQUEST[:10])
        assert await ended(reader)
        writer.transport.abort()
        await until(lambda: server.counts["aborted"] == 1)


async def test_beyond_the_most_sessions_nobody_is_taken(folder: Path) -> None:
    async with serving(folder, max_sessions=1) as (_, front):
        first, writer = await asyncio.open_connection(*_where(front), ssl=trusting(folder), server_hostname="localhost")
        await until(lambda: len(front._open) == 1)
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            assert await exchange(front, trusting(folder)) != b""
        assert front.refused == 1
        writer.transport.abort()
        await until(lambda: not front._open)
        assert await exchange(front, trusting(folder)) == VERDICT
        del first


async def test_a_renewed_certificate_is_shown_and_a_bad_one_changes_nothing(folder: Path) -> None:
    async with serving(folder) as (_, front):
        old = trusting(folder)
        self_signed(folder)
        front.renew()
        assert await exchange(front, trusting(folder)) == VERDICT
        with pytest.raises(ssl.SSLError):
            await exchange(front, old)
        (folder / "key.pem").write_text("nonsense")
        with pytest.raises(Exception, match="give a PEM certificate"):
            front.renew()
        assert await exchange(front, trusting(folder)) == VERDICT


async def test_what_cannot_be_is_said_with_its_mend(folder: Path) -> None:
    with pytest.raises(ListenError, match=r"\[agi\] tls_certificate = other.pem.*give a PEM"):
        await TlsFront(folder / "agi.sock").start(tls_config(tls_certificate="other.pem"), folder)
    (folder / "empty.pem").write_text("")
    with pytest.raises(ListenError, match=r"tls_clients = empty.pem.*authorities"):
        await TlsFront(folder / "agi.sock").start(tls_config(tls_clients="empty.pem"), folder)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ListenError, match=f"tls_listen = {where}"):
            await TlsFront(folder / "agi.sock").start(tls_config(tls_listen=where), folder)
    with pytest.raises(ValueError, match="tls_listen needs tls_certificate and tls_key"):
        tls_config(tls_key="")


@pytest.mark.parametrize(
    "said", [b"", b"agi_arg_1: secret=\n", b"agi_arg_1: secret=wrong\n", b"agi_arg_1: secret=\xc3\xa9\n"]
)
async def test_without_the_secret_a_call_goes_on_unscreened(folder: Path, said: bytes) -> None:
    async with serving(folder, secret="s3cret") as (server, front):
        request = REQUEST[:-1] + said + b"\n"
        assert await exchange(front, trusting(folder), request) == UNAUTHORISED
        assert server.counts["unauthorised"] == 1


async def test_with_the_secret_it_is_screened(folder: Path) -> None:
    async with serving(folder, secret="s3cret") as (server, front):
        assert await exchange(front, trusting(folder), REQUEST[:-1] + b"agi_arg_1: secret=s3cret\n\n") == VERDICT
        assert server.counts["unauthorised"] == 0


def test_a_secret_that_no_dialplan_carries_is_refused() -> None:
    with pytest.raises(ValueError, match="only letters, digits"):
        config(secret="pass word;")
