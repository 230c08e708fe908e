"""The watchdog of the event loop, in a real loop that is really held."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from agi_screen.base.config import WatchdogTable
from agi_screen.watchdog import BEAT_SECONDS, EXIT_STALLED, Watchdog
from tests.asterisk.until import until


def watched(stall: str, end: str) -> tuple[Watchdog, list[int]]:
    config, ends = WatchdogTable(stall=stall, end=end), list[int]()  # type: ignore[arg-type]  # read as from the file
    return Watchdog(lambda: config, ends.append), ends


def hold(seconds: float) -> None:
    threading.Event().wait(seconds)


async def test_a_loop_held_for_a_while_is_told_of_once_and_counted(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    watchdog, ends = watched("1s", "0s")
    watchdog.start()
    hold(2.5)
    await until(lambda: "goes on after" in caplog.text)
    watchdog.stop()
    assert (watchdog.stalls, ends) == (1, [])
    assert [r.levelno for r in caplog.records] == [logging.CRITICAL, logging.ERROR]


async def test_a_loop_held_for_long_ends_the_process() -> None:
    watchdog, ends = watched("1s", "1500ms")
    watchdog.start()
    hold(2.5)
    watchdog.stop()
    assert ends[0] == EXIT_STALLED


async def test_a_loop_that_goes_is_no_stall(caplog: pytest.LogCaptureFixture) -> None:
    watchdog, ends = watched("1s", "2s")
    watchdog.start()
    loop = asyncio.get_running_loop()
    until_then = loop.time() + 1.0 + 4 * BEAT_SECONDS
    await until(lambda: loop.time() > until_then)
    watchdog.stop()
    assert (watchdog.stalls, ends, caplog.text) == (0, [], "")


def test_an_end_before_the_stall_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than stall"):
        watched("3s", "2s")
