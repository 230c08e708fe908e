"""The system's own Chromium at the desk of a real daemon; it notes what no page may do."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, async_playwright

from tests.asterisk.daemon_process import DaemonProcess

AXE_VERSION = "4.10.3"
AXE = Path(os.environ.get("AGI_SCREEN_CACHE", ".cache")) / f"axe-core/axe-{AXE_VERSION}.min.js"
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
ADMIN, PASSWORD = "ann", "four words of one sentence"
DESK, PHONE, SMALL = (1280, 900), (390, 844), (360, 740)
Role = Literal["viewer", "operator", "admin"]
Scheme = Literal["dark", "light"]


@dataclass  # no slots: playwright keeps its handlers in the object
class Seat:
    """One person's browser at the desk. `wrong`: errors of pages, and whom else they asked; `sent`: bytes by URL."""

    url: str
    context: BrowserContext
    wrong: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)

    async def page(self, path: str = "/") -> Page:
        """A new page of the desk, looked at from its first byte."""
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)
        await page.goto(self.url + path)
        return page

    async def closed(self, page: Page) -> None:
        await page.close(run_before_unload=False)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"{message.location.get('url', '')}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url + "/", "data:", "blob:")):
            self.wrong.append(f"asked {request.url}")

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        """The API as the page uses it, in the same session."""
        said = await self.context.request.get(f"{self.url}/api/v1/session")
        token = (await said.json())["csrf"] if said.ok else ""
        answer = await self.context.request.fetch(
            f"{self.url}/api/v1{path}", method=method, data=body, headers={"X-CSRF-Token": token}
        )
        assert answer.ok, await answer.text()
        return await answer.json()

    async def log_in(self, name: str) -> None:
        await self.send("POST", "/session", {"name": name, "password": PASSWORD})


@dataclass(slots=True)
class Seats:
    """Who sits at one desk. Each seat has cookies of its own."""

    daemon: DaemonProcess
    browser: Browser

    async def seat(self, size: tuple[int, int] = DESK, scheme: Scheme = "light", *, bypass_csp: bool = False) -> Seat:
        """A browser that nobody has logged in with."""
        width, height = size
        context = await self.browser.new_context(
            viewport=ViewportSize(width=width, height=height),
            color_scheme=scheme,
            bypass_csp=bypass_csp,
            locale="en-US",
        )
        context.set_default_timeout(10_000)
        return Seat(self.daemon.web, context)

    async def admin(self, size: tuple[int, int] = DESK, scheme: Scheme = "light", *, bypass_csp: bool = False) -> Seat:
        """The first account, made by the set-up link where there is none yet."""
        seat = await self.seat(size, scheme, bypass_csp=bypass_csp)
        if (await seat.send("GET", "/setup"))["needed"]:
            token = self.daemon.said.rpartition("/setup#")[2].split()[0]
            await seat.send("POST", "/setup", {"token": token, "name": ADMIN, "password": PASSWORD})
        else:
            await seat.log_in(ADMIN)
        return seat

    async def as_role(self, role: Role, size: tuple[int, int] = DESK) -> Seat:
        """An account of this role; there is an admin already."""
        admin = await self.admin()
        await admin.send("POST", "/accounts", {"name": str(role), "role": role, "password": PASSWORD})
        await admin.context.close()
        seat = await self.seat(size)
        await seat.log_in(str(role))
        return seat


def chromium() -> str:
    """Where it is; AssertionError where there is none: these tests never skip."""
    found = next((path for name in NAMES if (path := shutil.which(name))), "")
    assert found, "no Chromium: scripts/setup-env installs it"
    return found


@asynccontextmanager
async def seats_at(daemon: DaemonProcess) -> AsyncIterator[Seats]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        try:
            yield Seats(daemon, browser)
        finally:
            await browser.close()


async def axe(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:160]} | {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
