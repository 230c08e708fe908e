"""The operations desk beside the daemon: started, stopped and told of. What goes wrong with it never stops a call."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
import sys
from functools import partial
from pathlib import Path

from agi_screen.base.clock import Clock
from agi_screen.base.config import WebTable
from agi_screen.base.errors import StoreError
from agi_screen.base.listening import Listening
from agi_screen.base.tls import TlsError, TlsFiles, load_certificate, server_context
from agi_screen.daemon import Daemon
from agi_screen.health import Health
from agi_screen.office import DaemonOffice
from agi_screen.operate import Operator
from agi_screen.web.access.access import ACCESS, Access
from agi_screen.web.access.door import Door
from agi_screen.web.access.setup import offer
from agi_screen.web.api import all_routes
from agi_screen.web.origin import desk_url
from agi_screen.web.reports.runner import add_reports
from agi_screen.web.server import WebServer, build_app

log = logging.getLogger("agi_screen.web")

STORE_RETRY_SECONDS = 5.0
CERTIFICATE_SECONDS = 5.0  # a disk that hangs must not keep `ready` from being said


class DeskError(Exception):
    """Why there is no desk; says the mend."""


class Desk:
    """`state` is where it is found, or why it is not."""

    def __init__(
        self, daemon: Daemon, operator: Operator, health: Health, clock: Clock, given: Listening | None = None
    ) -> None:
        self._given = given
        self._web = daemon.settings.config.web
        self._folder = daemon.settings.path.parent
        self._office = DaemonOffice(daemon, operator, health, clock)
        self._access = Access(self._office)
        self._server: WebServer | None = None
        self._offering: asyncio.Task[None] | None = None
        self.state = "off"
        self._operator = operator
        operator.web_state = lambda: self.state

    async def start(self) -> None:
        """Never raises for what an admin can mend: that is one line in the log, and calls go on."""
        if not self._web.enabled:
            return
        try:
            port = await self._listen()
        except DeskError as error:
            self.state = f"FAILED: {error}"
            log.error("no operations desk, calls are taken: %s", error)
        else:
            self.state = desk_url(self._web, port)
            log.info("desk at %s", self.state)
            self._offering = asyncio.create_task(self._offer_setup())

    async def stop(self) -> None:
        if self._offering is not None:
            self._offering.cancel()
        if self._server is not None:
            await self._server.stop()
        await self._access.close()

    @property
    def socket(self) -> socket.socket | None:
        """What it listens on."""
        return self._server.socket if self._server is not None else None

    async def offered(self) -> None:
        """Returns when it is known whether a set-up link is needed, and said."""
        if self._offering is not None:
            await self._offering

    async def _offer_setup(self) -> None:
        """Where there is no account: the link that makes the first, on stderr and in no log of ours."""
        while True:
            try:
                secret = await offer(self._office.store.opened, self._office.clock.wall())
            except StoreError:
                await asyncio.sleep(STORE_RETRY_SECONDS)
                continue
            if secret:
                said = f"no account yet: make the first at {self.state}/setup#{secret} (works once, for an hour)"
                print(said, file=sys.stderr, flush=True)
            return

    async def _listen(self) -> int:
        where = self._web.listen
        if not (is_loopback(where.host) or self._web.tls or self._web.behind_proxy):
            raise DeskError(
                f"[web] listen = {where}: passwords would cross the network in clear: give tls_certificate and "
                "tls_key, or listen on 127.0.0.1, or set behind_proxy = true behind a reverse proxy that has TLS"
            )
        context = await certificate(self._web, self._folder) if self._web.tls else None
        if context is not None:
            self._operator.renewals.append(partial(load_certificate, context, tls_files(self._web, self._folder)))
        app = build_app(self._office, Door(self._office, self._access), all_routes())
        app[ACCESS] = self._access
        add_reports(app, self._office)
        self._server = WebServer(app)
        try:
            return await self._server.start(where.host, where.port, context, self._given)
        except OSError as error:
            mend = "end the other program there, or change [web] listen"
            raise DeskError(f"[web] listen = {where}: {error.strerror or error}: {mend}") from error


def is_loopback(host: str) -> bool:
    """True when only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tls_files(web: WebTable, folder: Path) -> TlsFiles:
    return TlsFiles("web", folder, web.tls_certificate, web.tls_key)


async def certificate(web: WebTable, folder: Path) -> ssl.SSLContext:
    """Raises DeskError."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(server_context, tls_files(web, folder)), CERTIFICATE_SECONDS)
    except TlsError as error:
        raise DeskError(str(error)) from error
    except TimeoutError:
        raise DeskError(f"[web] tls_certificate = {web.tls_certificate}: the disk gave none in 5 s") from None
