"""The control socket: who is slow, many, or talks nonsense takes nothing from others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agi_screen.inbound import control
from agi_screen.inbound.control import MAX_LINE, MOST_OPEN, ControlServer

SOON = 10.0
BIG = "x" * 2_000_000  # more than two sockets and a reader hold


async def hello(_: Mapping[str, Any]) -> dict[str, Any]:
    return {"said": "hello"}


async def big(_: Mapping[str, Any]) -> dict[str, Any]:
    return {"said": BIG}


@pytest.fixture
async def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    monkeypatch.setattr(control, "LINE_SECONDS", 3.0)
    monkeypatch.setattr(control, "ANSWER_SECONDS", 3.0)
    server = ControlServer({"hello": hello, "big": big})
    await server.start(tmp_path / "c.sock")
    yield tmp_path / "c.sock"
    await server.stop()


async def asked(path: Path, line: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(str(path), limit=8_000_000)
    writer.write(line)
    try:
        answer: dict[str, Any] = json.loads(await asyncio.wait_for(reader.read(), SOON))
        return answer
    finally:
        writer.close()


async def test_only_its_owner_may_ask(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{\n", b"[]\n", b"\xff\n", b'{"do": "nope"}\n', b'{"do": []}\n', b'{"do": {}}\n', b"1" * 5000 + b"\n"],
)
async def test_nonsense_is_answered(path: Path, line: bytes) -> None:
    assert (await asked(path, line))["ok"] is False
    assert (await asked(path, b'{"do": "hello"}\n'))["said"] == "hello"


async def test_what_is_deep_or_long_is_no_fault_of_ours(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for line in (b"[" * 60_000 + b"\n", b"x" * (2 * MAX_LINE) + b"\n"):
        assert "JSON line" in (await asked(path, line))["error"]
    assert caplog.records == []


async def test_who_says_nothing_is_let_go(path: Path) -> None:
    assert "JSON line" in (await asked(path, b'{"do": "hel'))["error"]


async def many(path: Path, line: bytes) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """As many as may be open at once."""
    for _ in range(MOST_OPEN):
        reader, writer = await asyncio.open_unix_connection(str(path), limit=1024)
        writer.write(line)
        await writer.drain()
        yield reader, writer


async def served_again(path: Path) -> None:
    """Others are turned away, until the first of the many is let go."""
    for _ in range(1000):
        with suppress(ConnectionError, json.JSONDecodeError):
            assert (await asked(path, b'{"do": "hello"}\n'))["said"] == "hello"
            return
        await asyncio.get_running_loop().run_in_executor(None, path.exists)
    raise AssertionError("nobody is served any more")


@pytest.mark.parametrize("line", [b"", b'{"do": "big"}\n'], ids=["say nothing", "read nothing"])
async def test_as_many_as_may_be_open_keep_others_out_for_a_moment_only(path: Path, line: bytes) -> None:
    idle = [pair async for pair in many(path, line)]
    with pytest.raises((ConnectionError, json.JSONDecodeError)):
        await asked(path, b'{"do": "hello"}\n')
    for reader, writer in idle[:1]:
        with suppress(ConnectionError):
            await asyncio.wait_for(reader.read(100), SOON)
        writer.close()
    await served_again(path)
    for _, writer in idle:
        writer.close()


async def test_whole_answers_are_given_whole(path: Path) -> None:
    assert (await asked(path, b'{"do": "big"}\n'))["said"] == BIG
