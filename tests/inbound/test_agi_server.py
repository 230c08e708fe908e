"""The FastAGI server over real TCP, with clients that do everything Asterisk would not."""

import asyncio
import gc
import os
import resource
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agi_screen.base.agi_wire import Reply, command, mset
from agi_screen.base.config import Agi
from agi_screen.base.errors import HangupError
from agi_screen.base.listening import Listening
from agi_screen.inbound import _sessions_py, agi, sessions
from agi_screen.inbound._sessions_py import MAX_NOISE
from agi_screen.inbound.agi import AgiServer, ListenError, Route
from agi_screen.inbound.conversation import Steps, converse
from agi_screen.inbound.environment import Environment
from agi_screen.inbound.sessions import Session

REQUEST = b"agi_network_script: echo\nagi_channel: PJSIP/t-1\n\n"
VERDICT = mset({"SCREEN_VERDICT": "allow"})
SOON = 5.0


@pytest.fixture(params=[sessions.Door, _sessions_py.Door], ids=["compiled", "pure"], autouse=True)
def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here is of both: they may differ in nothing but speed."""
    monkeypatch.setattr(agi, "Door", request.param)


def test_the_two_doors_are_two() -> None:
    assert sessions.Door.__module__ == "agi_screen.inbound._sessions"


def config(**changed: Any) -> Agi:
    plain: dict[str, Any] = {
        "listen": "127.0.0.1:0",
        "tls_listen": "",
        "tls_certificate": "",
        "tls_key": "",
        "tls_clients": "",
        "secret": "",
        "secret_file": "",
        "max_sessions": 100,
        "environment_time": "2s",
        "environment_bytes": 32768,
        "reply_time": "2s",
        "drain_time": "2s",
    }
    return Agi.model_validate(plain | changed)


def echo(_: Environment, session: Session) -> None:
    session.finish(VERDICT)


@asynccontextmanager
async def serving(route: Route = echo, **changed: Any) -> AsyncIterator[AgiServer]:
    server = AgiServer(config(**changed), {"echo": route})
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def connect(server: AgiServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(server.address.host, server.address.port)


async def exchange(server: AgiServer, sent: bytes) -> bytes:
    """Sends, answers each command with `200 result=0`, and returns all that came until the end."""
    reader, writer = await connect(server)
    writer.write(sent)
    got = b""
    try:
        while line := await asyncio.wait_for(reader.readline(), SOON):
            got += line
            writer.write(b"200 result=0\n")
    except ConnectionError:
        pass  # an aborted session resets the connection
    writer.close()
    return got


async def ended(reader: asyncio.StreamReader) -> bool:
    """True when the server ends the session, politely or by a reset."""
    try:
        return await asyncio.wait_for(reader.read(), SOON) == b""
    except ConnectionError:
        return True


async def test_a_request_gets_one_command_and_the_end() -> None:
    async with serving() as server:
        assert await exchange(server, REQUEST) == VERDICT


async def test_the_environment_may_come_byte_by_byte() -> None:
    async with serving() as server:
        reader, writer = await connect(server)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in REQUEST:
            writer.write(bytes([byte]))
            await writer.drain()
        assert await asyncio.wait_for(reader.readline(), SOON) == VERDICT
        writer.close()


@pytest.mark.parametrize("cut", range(0, len(REQUEST), 7))
async def test_a_client_that_goes_away_anywhere_leaves_nothing_behind(cut: int) -> None:
    async with serving() as server:
        for linger in (False, True):  # a polite end, and a reset
            _, writer = await connect(server)
            writer.write(REQUEST[:cut])
            await writer.drain()
            if linger:
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.close()
        assert await exchange(server, REQUEST) == VERDICT
        await asyncio.wait_for(server.drained(), SOON)


async def test_sending_nothing_ends_at_the_deadline() -> None:
    async with serving(environment_time="50ms") as server:
        assert await exchange(server, b"") == b""
        assert await exchange(server, b"agi_network_script: echo\n") == b""
        assert server.counts["aborted"] == 2


@pytest.mark.parametrize("flood", [b"x" * 10_000_000, b"agi_x: 1\n" * 1_000_000])
async def test_floods_end_at_the_size_limit(flood: bytes) -> None:
    async with serving() as server:
        assert await exchange(server, flood) == b""
        assert await exchange(server, REQUEST) == VERDICT


async def test_beyond_the_limit_of_sessions_callers_are_let_through_at_once() -> None:
    async with serving(max_sessions=2) as server:
        idle = [await connect(server) for _ in range(2)]
        got = await exchange(server, REQUEST)
        assert got == mset({"SCREEN_VERDICT": "allow", "SCREEN_ERROR": "busy"})
        for _, writer in idle:
            writer.close()


async def test_an_unknown_route_and_our_own_fault_let_the_caller_through() -> None:
    def faulty(_: Environment, __: Session) -> None:
        raise RuntimeError("a bug")

    async with serving(faulty) as server:
        assert b"SCREEN_VERDICT=allow,SCREEN_ERROR=fault" in await exchange(server, REQUEST)
        assert b"SCREEN_ERROR=no_such_route" in await exchange(server, b"agi_network_script: nope\n\n")


async def talk(replies: bytes) -> tuple[Reply | HangupError, AgiServer, int]:
    """Runs one command against a client that answers with `replies` and then closes."""
    outcome: asyncio.Future[Reply | HangupError] = asyncio.get_running_loop().create_future()
    noise = 0

    def steps(session: Session) -> Steps:
        nonlocal noise
        try:
            outcome.set_result((yield command("ANSWER"), SOON))
        except HangupError as error:
            outcome.set_result(error)
        noise = session.noise
        session.finish(VERDICT)

    async with serving(lambda _, session: converse(session, steps(session))) as server:
        reader, writer = await connect(server)
        writer.write(REQUEST)
        assert await asyncio.wait_for(reader.readline(), SOON) == b"ANSWER\n"
        writer.write(replies)
        if b"200" not in replies and b"5" not in replies:
            writer.write_eof()
        got = await asyncio.wait_for(outcome, SOON)
        writer.close()
    return got, server, noise


async def test_a_reply() -> None:
    got, _, _ = await talk(b"200 result=1 endpos=160\n")
    assert got == Reply(200, "1", "endpos=160")


async def test_a_multi_line_520_is_one_reply() -> None:
    got, _, noise = await talk(
        b"520-Invalid command syntax.  Proper usage follows:\nUsage: ANSWER\n 200 times\n520 End of proper usage.\n"
    )
    assert got == Reply(520, "", "End of proper usage.")
    assert noise == 2


async def test_noise_before_the_reply_counts_for_nothing() -> None:
    got, _, noise = await talk(b"agi_x: forged\n\nrubbish\n200 result=0\n")
    assert got == Reply(200, "0")
    assert noise == 3


async def test_endless_noise_ends_the_session() -> None:
    got, server, _ = await talk(b"rubbish\n" * (MAX_NOISE + 1) + b"5")
    assert isinstance(got, HangupError)
    assert server.counts["aborted"] == 1


@pytest.mark.parametrize("end", [b"HANGUP\n", b"", b"511 Command Not Permitted on a dead channel\n"])
async def test_a_hang_up_ends_the_conversation(end: bytes) -> None:
    got, _, _ = await talk(end)
    assert isinstance(got, HangupError)


async def test_minus_one_alone_is_no_hang_up() -> None:
    got, _, _ = await talk(b"200 result=-1 endpos=0\n")
    assert got == Reply(200, "-1", "endpos=0")


async def test_no_reply_in_time_ends_the_session() -> None:
    async with serving(reply_time="50ms") as server:
        reader, writer = await connect(server)
        writer.write(REQUEST)
        assert await asyncio.wait_for(reader.readline(), SOON) == VERDICT
        assert await ended(reader)
        writer.close()


async def test_stopping_finishes_the_calls_under_way() -> None:
    async with serving() as server:
        reader, writer = await connect(server)
        writer.write(REQUEST)
        assert await asyncio.wait_for(reader.readline(), SOON) == VERDICT
        stopping = asyncio.create_task(server.stop())
        writer.write(b"200 result=0\n")
        assert await asyncio.wait_for(reader.read(), SOON) == b""
        await asyncio.wait_for(stopping, SOON)
        writer.close()
        assert server.counts["aborted"] == 0


async def test_stopping_does_not_wait_longer_than_the_drain_time() -> None:
    async with serving(drain_time="50ms") as server:
        reader, writer = await connect(server)
        writer.write(REQUEST)
        await asyncio.wait_for(reader.readline(), SOON)
        await asyncio.wait_for(server.stop(), SOON)
        await asyncio.wait_for(server.drained(), SOON)
        writer.close()


async def test_a_fault_in_a_conversation_lets_the_caller_through() -> None:
    def steps() -> Steps:
        yield command("ANSWER"), SOON
        raise RuntimeError("a bug")

    async with serving(lambda _, session: converse(session, steps())) as server:
        assert b"SCREEN_VERDICT=allow,SCREEN_ERROR=fault" in await exchange(server, REQUEST)


async def test_replies_may_come_in_pieces_and_together() -> None:
    heard: list[Reply] = []

    def steps(session: Session) -> Steps:
        heard.append((yield command("ANSWER"), SOON))
        heard.append((yield command("CHANNEL STATUS"), SOON))
        session.finish(VERDICT)

    async with serving(lambda _, session: converse(session, steps(session))) as server:
        reader, writer = await connect(server)
        writer.write(REQUEST)
        for piece in (b"200 res", b"ult=1\n", b"200 result=6\n20", b"0 result=0\n"):
            if not piece.startswith(b"ult"):
                await asyncio.wait_for(reader.readline(), SOON)
            writer.write(piece)
        assert await ended(reader)
        writer.close()
    assert heard == [Reply(200, "1"), Reply(200, "6")]


@pytest.mark.parametrize("door", [sessions.Door], indirect=True)  # asyncio's takes nobody for a second
async def test_when_no_descriptor_is_left_the_caller_goes_on_at_once() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    loop = asyncio.get_running_loop()
    gc.collect()  # what earlier tests left behind must not give a descriptor back in the middle
    async with serving() as server:
        reader, writer = await connect(server)
        writer.write(REQUEST)
        await asyncio.wait_for(reader.readline(), SOON)
        with socket.socket() as client:
            client.setblocking(False)
            gc.disable()
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 1, hard))
            with ExitStack() as stack:
                stack.callback(gc.enable)
                stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
                with suppress(OSError):
                    while True:
                        stack.callback(os.close, os.dup(client.fileno()))
                with suppress(BlockingIOError):
                    client.connect((server.address.host, server.address.port))
                with suppress(ConnectionError):
                    assert await asyncio.wait_for(loop.sock_recv(client, 1), SOON) == b""
        assert server.counts["no_descriptor"] == 1
        writer.write(b"200 result=0\n")
        assert await ended(reader)  # who was in goes on
        writer.close()
        assert await exchange(server, REQUEST) == VERDICT


async def test_a_busy_port_says_what_to_do(tmp_path: Path) -> None:
    async with serving() as server:
        second = AgiServer(config(listen=str(server.address)), {})
        with pytest.raises(ListenError, match=r"another agi-screen running.*\[agi\] listen"):
            await second.start()


async def test_the_unix_socket_of_a_killed_daemon_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "agi-screen.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    server = AgiServer(config(), {"echo": echo})
    await server.start()
    await server.start_unix(path)
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(REQUEST)
    assert await asyncio.wait_for(reader.readline(), SOON) == VERDICT
    writer.write(b"200 result=0\n")
    writer.close()
    await server.stop()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_in_any_pieces_break_a_session(chunks: list[bytes]) -> None:
    async def run() -> None:
        async with serving(environment_time="50ms", reply_time="50ms", drain_time="50ms") as server:
            _, writer = await connect(server)
            for chunk in chunks:
                writer.write(chunk)
            writer.close()
            assert await exchange(server, REQUEST) == VERDICT

    asyncio.run(run())


async def test_a_held_door_lets_callers_wait_and_loses_none() -> None:
    async with serving() as server:
        await server.hold()
        waiting = [asyncio.create_task(exchange(server, REQUEST)) for _ in range(20)]
        done, _ = await asyncio.wait(waiting, timeout=0.2)
        assert not done
        await server.release()
        assert await asyncio.gather(*waiting) == [VERDICT] * 20


async def test_who_waits_at_a_held_door_is_served_by_another_that_has_the_socket_too() -> None:
    """And the first one, closed, hears of it no more: it would spin on a socket that is none of its own."""
    async with serving() as elder:
        other = elder.sockets["agi"].dup()
        await elder.hold()
        waiting = asyncio.create_task(exchange(elder, REQUEST))
        heir = AgiServer(config(), {"echo": echo})
        await heir.bind(Listening([("agi", other)]))
        assert heir.address == elder.address
        await heir.start()
        elder.close()
        assert await waiting == VERDICT
        assert await exchange(heir, REQUEST) == VERDICT
        assert elder.open_sessions == 0
        await heir.stop()
