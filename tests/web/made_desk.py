"""A desk over a real store and a real server, without a daemon: its clock is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from agi_screen.base.clock import ManualClock
from agi_screen.base.config import Thresholds, WebTable
from agi_screen.base.figures import Figure, Histogram, gauge
from agi_screen.base.late_store import LateStore
from agi_screen.base.live import Seen
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry
from agi_screen.base.store_audit import AuditLine, Doer, read_audit
from agi_screen.base.store_place import Place
from agi_screen.base.verdict import Level
from agi_screen.daemon import Daemon
from agi_screen.health import Health
from agi_screen.office import DaemonOffice
from agi_screen.operate import Operator
from agi_screen.reply.captcha.prompts import Prompts
from agi_screen.settings import laid_over_defaults, load
from agi_screen.settings_desk import SettingsDesk
from agi_screen.tuning_desk import TuningDesk
from agi_screen.web.access.access import ACCESS, Access
from agi_screen.web.access.accounts import add_account
from agi_screen.web.access.door import Door
from agi_screen.web.access.passwords import Passwords
from agi_screen.web.api import all_routes
from agi_screen.web.office import Marks, Office, SignalNow
from agi_screen.web.reports.runner import add_reports
from agi_screen.web.route import Role, Route
from agi_screen.web.server import build_app
from tests.made import NOON

PASSWORD = "correct horse battery"
API = "/api/v1"
Client = TestClient[Any, Any]


CONFIG = """# Ours.
mode = "enforce"  # since March

[store]
path = "desk.db"
[ami]
secret = "hush-hush"  # ours alone
[policy]
normal = { challenge = 5.0, reject = 24.0 }  # an ordinary day
"""


class NoDaemon:
    """What of an office needs a daemon."""

    @property
    def plan(self) -> NumberPlan:
        raise NotImplementedError

    def signals(self) -> Mapping[str, SignalNow]:
        raise NotImplementedError

    def thresholds(self, level: Level) -> Thresholds:
        raise NotImplementedError

    def listed(self, number: str, alias: str = "") -> Sequence[ListEntry]:
        raise NotImplementedError

    async def load_lists(self) -> int:
        raise NotImplementedError

    async def export_caller(self, number: str) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    async def forget_caller(self, number: str, by: Doer, *, lists: bool, reports: bool) -> dict[str, Any]:
        raise NotImplementedError

    def marks(self, caller: str) -> Marks:
        raise NotImplementedError

    def marked(self, caller: str, label: str, undone: str) -> None:
        raise NotImplementedError

    def level(self) -> Mapping[str, Any]:
        raise NotImplementedError

    async def set_level(self, order: Mapping[str, Any], by: str) -> str:
        raise NotImplementedError


class FakeDaemon:
    """As much of a daemon as the settings file needs: it takes it, and knows what it took."""

    def __init__(self, config: Path, store: LateStore) -> None:
        self.settings = load(config)
        self.store = store

    async def reload(self, _: Mapping[str, Any]) -> dict[str, Any]:
        self.settings = load(self.settings.path)
        return {}


class FakeReportFiles:
    """The commands of the reports are real."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.folder = config.parent / "agi-screen.reports"
        self.keep = 0.0

    def scenarios(self) -> list[tuple[str, str]]:
        return [("mnsure", "MNsure")]


class FakeOffice(NoDaemon):
    """Answers `web.office.Office` without a daemon; store, settings file and process for tuning are real."""

    def __init__(self, path: Path, clock: ManualClock, web: WebTable, place: Place | None = None) -> None:
        self.clock = clock
        self.web = web
        self.parts = {"agi": True}
        self.store = LateStore(place or path, clock)
        self.config = path.with_name("agi-screen.toml")
        if not self.config.exists():
            self.config.write_text(CONFIG)
        self.daemon = FakeDaemon(self.config, self.store)
        beside: Any = self.daemon
        self.settings = SettingsDesk(beside, beside)
        self.tuning = TuningDesk(self.config)
        self.report_files = FakeReportFiles(self.config)

    async def status(self) -> Mapping[str, Any]:
        return {"mode": "enforce"}

    def ready(self) -> tuple[bool, Mapping[str, bool]]:
        return all(self.parts.values()), self.parts

    def figures(self) -> Iterable[Figure | Histogram]:
        return (gauge("sessions", "AGI sessions open now.", 3),)

    def look(self, seen: Seen) -> tuple[dict[str, Any], Seen]:
        return {}, seen


def web_table(**changed: Any) -> WebTable:
    return laid_over_defaults({"web": changed}, Path("agi-screen.toml"), {}).config.web


@dataclass
class MadeDesk:
    """`browser()` is a client of its own cookies; `log_in` one that is somebody's."""

    office: Office
    access: Access
    server: TestServer
    clock: ManualClock
    clients: list[Client] = field(default_factory=list)
    daemon: Daemon | None = None

    @property
    def fake(self) -> FakeOffice:
        """The office of a desk without a daemon."""
        assert isinstance(self.office, FakeOffice)
        return self.office

    def browser(self) -> Client:
        client: Client = TestClient(self.server)
        self.clients.append(client)
        return client

    async def account(self, name: str, role: Role, password: str = PASSWORD) -> None:
        doer = Doer("a test", "", self.clock.wall())
        await add_account(self.access.store, doer, name, role, self.access.passwords.hash_now(password))
        self.access.directory.changed()

    async def log_in(self, name: str, password: str = PASSWORD) -> Browser:
        browser = Browser(self.browser())
        said = await browser.send("POST", "/session", {"name": name, "password": password})
        assert said.status == 200, await said.text()
        browser.csrf = (await said.json())["csrf"]
        return browser

    async def audit(self) -> list[AuditLine]:
        return await read_audit(self.access.store)


@dataclass
class Browser:
    """Sends JSON, its cookies, and the CSRF token it was given."""

    client: Client
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> ClientResponse:
        given = {**self.headers, **({"X-CSRF-Token": self.csrf} if self.csrf else {}), **headers}
        return await self.client.request(method, API + path, json=body, headers=given)

    async def status(self, method: str, path: str, body: Any = None, **headers: str) -> int:
        return (await self.send(method, path, body, **headers)).status

    async def json(self, path: str) -> Any:
        said = await self.send("GET", path)
        assert said.status == 200, await said.text()
        return await said.json()

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self.client.session.cookie_jar}


@asynccontextmanager
async def made_desk(
    folder: Path, *, open_store: bool = True, routes: tuple[Route, ...] = (), place: Place | None = None, **web: Any
) -> AsyncIterator[MadeDesk]:
    clock = ManualClock(NOON)
    office = FakeOffice(folder / "desk.db", clock, web_table(**web), place)
    async with desk_over(office, clock, open_store=open_store, routes=routes) as desk:
        yield desk


@asynccontextmanager
async def daemon_desk(folder: Path, more: str = "") -> AsyncIterator[MadeDesk]:
    """The same over a real daemon that takes no calls."""
    path = folder / "agi-screen.toml"
    path.write_text(f"[ami]\nenabled = false\n{more}\n")
    clock = ManualClock(NOON)
    daemon = Daemon(load(path), clock)
    async with desk_over(
        DaemonOffice(daemon, Operator(daemon, clock), Health(daemon, clock), clock), clock, daemon=daemon
    ) as desk:
        yield desk


@asynccontextmanager
async def desk_over(
    office: Office,
    clock: ManualClock,
    *,
    open_store: bool = True,
    daemon: Daemon | None = None,
    routes: tuple[Route, ...] = (),
) -> AsyncIterator[MadeDesk]:
    if open_store:
        await office.store.open()
    access = Access(office, Passwords(memory_kib=1024, rounds=1))
    app = build_app(office, Door(office, access), (*all_routes(), *routes))
    app[ACCESS] = access
    add_reports(app, office)
    server = TestServer(app)
    await server.start_server()
    desk = MadeDesk(office, access, server, clock, daemon=daemon)
    try:
        yield desk
    finally:
        for client in desk.clients:
            await client.session.close()
        await server.close()
        await access.close()
        await office.store.close()


def reconfigured(daemon: Daemon, path: Path) -> list[str]:
    """What waits for a restart after a reload with this file."""
    settings = load(path)
    captcha = settings.config.captcha
    return daemon.configure(settings, Prompts.found(captcha.sounds, captcha.prompts))
