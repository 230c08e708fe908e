"""What the daemon knows after a restart: callers, passes, what is usual. And no file keeps it from taking calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.base.happened import CaptchaDone
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.verdict import CaptchaResult
from agi_screen.daemon import Daemon
from agi_screen.judge.callers import History
from agi_screen.settings import Settings, load
from tests.judge.calls import a_call_at
from tests.made import NOON, a_call, an_end

CONFIG = """
[agi]
listen = "127.0.0.1:0"
[ami]
enabled = false
[store]
path = "calls.db"
"""
CALLER = "+14155552671"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "agi-screen.toml"
    path.write_text(CONFIG)
    return load(path)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Daemon]:
    daemon = Daemon(settings, ManualClock(NOON))
    await daemon.start()
    try:
        yield daemon
    finally:
        await daemon.stop()


async def asked(daemon: Daemon, caller: str = "4155552671") -> str:
    """The verdict on one call, over TCP."""
    host, _, port = str(daemon.agi.address).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"agi_network_script: decide\nagi_uniqueid: 1.1\nagi_callerid: {caller}\nagi_dnid: 8005550100\n\n".encode()
    )
    said = (await asyncio.wait_for(reader.readline(), 10)).decode()
    assert "SCREEN_SCORE=" in said
    writer.write(b"200 result=0\n")
    writer.close()
    return said.partition("SCREEN_VERDICT=")[2].partition(",")[0]


def known_of(daemon: Daemon) -> History:
    return daemon.judge.memory.callers.peek(a_call_at(NOON, CALLER))


async def test_who_talked_is_known_after_a_restart(settings: Settings) -> None:
    async with running(settings) as daemon:
        assert not known_of(daemon).known
        daemon.trail.ended(an_end("u-c0", talk_time=61.0), a_call(caller=CALLER))
    async with running(settings) as daemon:
        history = known_of(daemon)
        assert (history.known, history.talks, history.talked, history.open) == (True, 1, 61.0, 0)


async def test_a_failed_captcha_is_known_after_a_restart(settings: Settings) -> None:
    async with running(settings) as daemon:
        daemon.judge.learn(CaptchaDone(CALLER, "t", NOON, CaptchaResult.FAILED))
        assert await asked(daemon) == "challenge"
    async with running(settings) as daemon:
        assert known_of(daemon).failed == 1
        assert await asked(daemon) == "challenge"


async def test_what_is_usual_is_known_after_a_restart(settings: Settings) -> None:
    async with running(settings) as daemon:
        for n in range(2000):
            call = a_call_at(NOON + n, NumberPlan("US", 10).number(f"1612{5_550_000 + n}"))
            daemon.judge.decide(call)
        kept = daemon.judge.keep()
        assert daemon.judge.memory.blocks.learned > 0
    async with running(settings) as daemon:
        assert daemon.judge.keep() == kept


def _write(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


HOSTILE = {
    "rubbish": _write(b"\x00\xff"),
    "brackets without end": _write(b"[" * 200_000),
    "of another shape": _write(b'{"format":1,"blocks":{"calls":1,"blocks":[1,2,3]},"surge":{"shares":[]},"signals":7}'),
    "of no numbers": _write(
        b'{"format":1,"surge":{"baseline":{"rates":["a"],"lessons":null},"shares":{"dids":{"a":[]}}}}'
    ),
    "a folder": Path.mkdir,
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
async def test_no_learned_file_keeps_the_daemon_from_taking_calls(
    settings: Settings, spoil: Callable[[Path], None]
) -> None:
    spoil(settings.learned)
    async with running(settings) as daemon:
        assert await asked(daemon) == "allow"


async def test_a_refused_file_is_told(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.learned.write_bytes(b"rubbish")
    async with running(settings):
        pass
    assert f"what is usual is learned anew: {settings.learned}: no JSON" in caplog.text
    caplog.clear()
    async with running(settings):  # it was replaced at the stop
        pass
    assert "learned anew" not in caplog.text
