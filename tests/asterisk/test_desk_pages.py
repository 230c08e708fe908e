"""Every page of the desk in a real Chromium: accessible, small, alone with its own host, whole on a telephone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.asterisk import day
from tests.asterisk.browser import SMALL, Scheme, Seat, Seats, axe, seats_at
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.lab import Lab

MOST_BYTES = 200_000
# Where each page is, and what stands there once it has drawn what it was told.
PAGES = {
    "live": ("/", "#calls tr, #no-calls:not([hidden])"),
    "wall": ("/?wall", "#calls tr, #no-calls:not([hidden])"),
    "calls": ("/calls", "#calls tr"),
    "call": ("", "#timeline li"),
    "lists": ("/lists", "#entries tr"),
    "tuning": ("/tuning", "#scores svg"),
    "reports": ("/reports", "#none:not([hidden])"),
    "settings": ("/settings", "#tables section:not([hidden])"),
    "accounts": ("/accounts", "#audit tr"),
    "api": ("/api", "#operations section, #operations details"),
}
LOOSE = "document.documentElement.scrollWidth - innerWidth"
LOADED = """performance.getEntries().filter((entry) => entry.transferSize !== undefined)
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""


@pytest.fixture
async def seats(lab: Lab, tmp_path: Path) -> AsyncIterator[Seats]:
    await day.fill(tmp_path / "agi-screen.db")
    with DaemonProcess(lab, tmp_path) as daemon:
        async with seats_at(daemon) as sitting:
            yield sitting


async def opened(seat: Seat, name: str) -> Page:
    """The page with its content."""
    path, there = PAGES[name]
    if name == "call":
        path = f"/calls/{(await seat.send('GET', '/calls'))['calls'][0]['id']}"
    page = await seat.page(path)
    await page.locator(there).first.wait_for()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(seats: Seats, scheme: Scheme) -> None:
    seat = await seats.admin(scheme=scheme, bypass_csp=True)
    found = {}
    for name in PAGES:
        page = await opened(seat, name)
        found[name] = await axe(page)
        if name == "live":
            await page.locator(".level-button").click()
            await page.locator("dialog[open]").wait_for()
            found["level dialog"] = await axe(page)
        if name == "settings":
            await page.locator("input[type=number]:enabled").first.fill("7")
            await page.locator("#save").click()
            await page.locator("dialog[open] .diff").wait_for()
            found["save dialog"] = await axe(page)
        await seat.closed(page)
    stranger = await seats.seat(scheme=scheme, bypass_csp=True)
    for name in ("login", "setup#word"):
        found[name] = await axe(await stranger.page(f"/{name}"))
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


async def test_small_and_alone(seats: Seats) -> None:
    """A first visit each, with nothing kept; no word to another host, no error on the console."""
    for name in PAGES:
        seat = await seats.admin()
        page = await opened(seat, name)
        assert await page.evaluate(LOADED) < MOST_BYTES, name
        assert seat.wrong == []
        await seat.context.close()


async def test_nothing_sticks_out_on_a_small_telephone(seats: Seats) -> None:
    seat = await seats.admin(SMALL)
    for name in PAGES:
        page = await opened(seat, name)
        assert await page.evaluate(LOOSE) <= 0, name
        await seat.closed(page)
    assert seat.wrong == []
