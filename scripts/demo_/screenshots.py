"""Pictures of the desk's pages: `scripts/screenshots [FOLDER]`. Quiet calls first, then an attack by neighbours."""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from tests.asterisk import day
from tests.asterisk.browser import PHONE, Seat, Seats, seats_at
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.until import until

OPERATORS, TALK_SECONDS = 12, 9.0
QUIET_SECONDS, ATTACK_SECONDS = 25.0, 35.0
QUIET_RATE, ATTACK_RATE = 0.6, 9.0
WALL = (1920, 1080)
COLOURS = 256
AREAS = (612, 651, 763, 952, 507)


async def one_call(port: int, number: str, seconds: float) -> None:
    """A caller who stays so long, or until told to go."""
    async with await Caller.place(Dial(port, caller=number)) as call:
        await asyncio.wait({call.ended}, timeout=seconds)


async def calls(port: int, seconds: float, rate: float, numbers: str, first: int) -> None:
    """Callers at this rate; `numbers` is filled with a count of four digits and an area."""
    going = set()
    for count in range(int(seconds * rate)):
        number = numbers.format(line=(first + count * 37) % 10_000, area=AREAS[count % len(AREAS)])
        going.add(asyncio.create_task(one_call(port, number, TALK_SECONDS)))
        await asyncio.sleep(1 / rate)
    await asyncio.gather(*going)


async def shown(seat: Seat, path: str, there: str) -> Page:
    page = await seat.page(path)
    await page.locator(there).first.wait_for()
    await page.wait_for_timeout(1500)  # the first figures of the stream
    return page


async def picture(page: Page, folder: Path, name: str) -> None:
    """Kept with a palette: a page has few colours."""
    path = folder / f"{name}.png"
    await page.screenshot(path=path)
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    await page.close(run_before_unload=False)


async def still_pages(seat: Seat, folder: Path) -> None:
    found = await seat.send("GET", "/calls?captcha=failed&limit=20")
    call = max(found["calls"], key=lambda one: one["score"])["id"]
    pages = {
        "call": (f"/calls/{call}", "#timeline li"),
        "calls": ("/calls?verdict=challenge", "#calls tr"),
        "lists": ("/lists?list=allow", "#entries tr"),
        "tuning": ("/tuning", "#scores svg"),
        "settings": ("/settings", "#tables section:not([hidden])"),
        "accounts": ("/accounts", "#audit tr"),
        "api": ("/api", "#operations section, #operations details"),
    }
    for name, (path, there) in pages.items():
        page = await shown(seat, path, there)
        if name == "tuning":
            await page.get_by_label("policy.elevated.challenge, slider").fill("7")
            await page.locator("#level").select_option("elevated")
            await page.locator("#unsaved:not([hidden])").wait_for()
            await page.wait_for_timeout(500)
        await picture(page, folder, name)
    page = await shown(seat, "/reports", "#none, #reports li")
    await page.get_by_role("button", name="Investigate", exact=True).click()
    await page.locator("#reports li a").first.wait_for(timeout=60_000)
    await picture(page, folder, "reports")


async def live_pages(seats: Seats, lab: Lab, folder: Path) -> None:
    seat = await seats.admin()
    quiet = calls(lab.ports.sip, QUIET_SECONDS, QUIET_RATE, "+1{area}555{line:04}", 2671)
    async with await Desk.open(lab.ports.operator, hold=TALK_SECONDS, operators=OPERATORS):
        resting = asyncio.create_task(quiet)
        await asyncio.sleep(QUIET_SECONDS - 3)
        await picture(await shown(seat, "/", "#calls tr"), folder, "live")
        attack = asyncio.create_task(calls(lab.ports.sip, ATTACK_SECONDS, ATTACK_RATE, "+1800555{line:04}", 0))
        await asyncio.sleep(ATTACK_SECONDS - 12)
        places = (
            ("live-attack", "/", seat),
            ("live-phone", "/", await seats.admin(PHONE)),
            ("live-dark", "/", await seats.admin(scheme="dark")),
            ("wall", "/?wall", await seats.admin(WALL, "dark")),
        )
        for name, path, sitting in places:
            await picture(await shown(sitting, path, "#calls tr"), folder, name)
        await asyncio.gather(resting, attack)


async def main(folder: Path) -> None:
    options = LabOptions(agi_port=free_port(socket.SOCK_STREAM), operators=OPERATORS)
    with tempfile.TemporaryDirectory(prefix="agi-screen-") as place, Lab(options) as lab:
        await day.fill(Path(place) / "agi-screen.db")
        with DaemonProcess(lab, Path(place), levels="") as daemon:
            await until(lambda: "AMI up" in daemon.said)
            async with seats_at(daemon) as seats:
                await still_pages(await seats.admin(), folder)
                await live_pages(seats, lab, folder)


if __name__ == "__main__":
    wanted = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots")
    wanted.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(wanted))
