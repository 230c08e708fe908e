"""`agi-screen level`: what it asks of the daemon, and what it tells people."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agi_screen.base.clock import ManualClock
from agi_screen.daemon import Daemon
from agi_screen.inbound.control import ControlServer
from agi_screen.operate import Operator
from agi_screen.settings import load
from tests.commands.conftest import Run
from tests.made import NOON


class LevelDaemon:
    """A real daemon's control socket in a thread; it takes no calls."""

    def __init__(self, config: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(config), self._loop).result(10)

    async def _start(self, config: Path) -> ControlServer:
        clock = ManualClock(NOON)
        self._daemon = Daemon(load(config), clock)
        await self._daemon.store.open()
        handlers: Mapping[str, Any] = Operator(self._daemon, clock).handlers
        server = ControlServer(handlers)
        await server.start(config.with_name("agi-screen-control.sock"))
        return server

    async def _stop(self) -> None:
        await self._server.stop()
        await self._daemon.store.close()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def daemon(config: Path) -> Iterator[None]:
    made = LevelDaemon(config)
    yield
    made.stop()


@pytest.mark.usefixtures("daemon")
def test_set_show_and_give_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ann")
    assert run("level").out.endswith("start (arrivals)\n")
    said = run("level", "siege", "--for", "2h", "--reason", "on [red] TV").out
    assert said.startswith("level siege since 20")
    assert "on [red] TV (ann)\nset by hand to siege until " in said
    assert run("level", "siege").out.endswith("set by hand to siege until further notice (ann)\n")
    (answer,) = run("level", "auto", "--json").objects
    assert (answer["level"], answer["was"], answer["override"], answer["not_kept"]) == ("normal", "siege", None, "")


@pytest.mark.usefixtures("daemon")
@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("siege", "--for", "soon"), 'for "soon": write a time'),
        (("auto", "--for", "1h"), "auto has no end"),
        (("--for", "1h"), 'level ""'),
        (("war",), "Invalid value"),
    ],
)
def test_refused_with_the_mend(run: Run, words: tuple[str, ...], mend: str) -> None:
    done = run("level", *words)
    assert (done.code, done.out) == (2, "")
    assert mend in done.err


def test_without_a_daemon_it_says_so(run: Run) -> None:
    done = run("level", "siege")
    assert (done.code, "daemon not running" in done.err) == (2, True)
