"""One AMI connection by panoramisk's Manager, which alone would reconnect for ever and trust any ping."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from panoramisk.manager import Manager
from panoramisk.message import Message

from agi_screen.base.config import Ami
from agi_screen.base.text import escape
from agi_screen.inbound.ami_actions import check_taken
from agi_screen.inbound.ami_listing import Listing
from agi_screen.inbound.ami_protocol import BoundedAmiProtocol
from agi_screen.inbound.ami_types import (
    AmiCounters,
    AmiError,
    AmiEvent,
    AmiList,
    AmiReply,
    AmiState,
    AmiTimes,
)

MAX_WAITING = 1000
TELL_SECONDS = 0.02
log = logging.getLogger(__name__)


class LinkError(Exception):
    """Why no connection came up: the state to show, and the words for people."""

    def __init__(self, state: AmiState, detail: str) -> None:
        super().__init__(detail)
        self.state = state
        self.detail = detail


class AmiLink(Manager):  # type: ignore[misc]  # panoramisk has no types
    """Connects once. `lost` is done when the connection has ended."""

    pinger: asyncio.TimerHandle | None

    def __init__(
        self,
        settings: Ami,
        times: AmiTimes,
        wanted: frozenset[str],
        counters: AmiCounters,
        on_event: Callable[[AmiEvent], None],
    ) -> None:
        self.times = times
        self.where = f"{settings.host}:{settings.port}"
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        super().__init__(
            loop=asyncio.get_running_loop(),
            log=log,
            host=settings.host,
            port=settings.port,
            username=settings.username,
            secret=settings.secret.get_secret_value(),
            protocol_factory=partial(BoundedAmiProtocol, wanted, counters, times.answer),
        )
        # The constructor cuts both to whole seconds.
        self.ping_delay = self.ping_interval = times.ping
        self._on_event = on_event
        self._telling: list[bytes] = []

    @property
    def problem(self) -> str:
        """Why the connection ended."""
        return str(self.protocol.problem) if self.protocol else ""

    async def open(self) -> None:
        """Connects and logs in, or raises LinkError."""
        try:
            async with asyncio.timeout(self.times.connect):
                await self.connect()
        except TimeoutError:
            raise LinkError(AmiState.REFUSED, f"{self.where} did not answer in {self.times.connect:g} s") from None
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            mend = "is Asterisk running, and `enabled = yes` in [general] of its manager.conf?"
            raise LinkError(AmiState.REFUSED, f"{self.where}: {why}: {mend}") from None
        await self._logged_in(self.authenticated_future)

    async def _logged_in(self, login: asyncio.Future[Message]) -> None:
        await asyncio.wait({login})
        if login.cancelled():
            raise LinkError(AmiState.REFUSED, f"{self.where}: {self.problem or self._silence()}")
        if not login.result().success:
            raise LinkError(AmiState.WRONG_SECRET, escape(login.result().message, 80))

    def _silence(self) -> str:
        what = "banner" if self.protocol.version is None else "answer to the log-in"
        return f"no {what} in {self.times.answer:g} s"

    async def ask(self, name: str, fields: dict[str, str]) -> AmiReply:
        """One action and its answer; AmiError where none came."""
        future = self.post(name, fields)
        await asyncio.wait({future})
        if future.cancelled():
            raise AmiError(f"{name}: no answer ({self.problem or f'in {self.times.answer:g} s'})")
        return AmiReply(future.result().success, dict(future.result().items()))

    async def ask_list(self, kind: AmiList) -> list[AmiEvent]:
        """An action that is answered by a list; AmiError where it did not come whole in time."""
        done: asyncio.Future[list[AmiEvent]] = self.loop.create_future()
        ident = f"{kind.action}-{secrets.token_hex(8)}"
        self.protocol.listings[ident] = Listing(kind, done)
        try:
            if not self.ready:
                raise AmiError(f"{kind.action}: the connection to {self.where} does not take it now")
            self.protocol.transport.write(f"Action: {kind.action}\r\nActionID: {ident}\r\n\r\n".encode())
            await asyncio.wait({done}, timeout=self.times.answer)
            if not done.done() or done.cancelled():
                raise AmiError(f"{kind.action}: no whole answer ({self.problem or f'in {self.times.answer:g} s'})")
            return done.result()
        finally:
            self.protocol.listings.pop(ident, None)

    def post(self, name: str, fields: dict[str, str]) -> asyncio.Future[Message]:
        """Sends an action without waiting. Too many unanswered ones raise AmiError."""
        if not self.ready:
            raise AmiError(f"{name}: the connection to {self.where} does not take it now")
        check_taken(fields)
        future: asyncio.Future[Message] = self.send_action({"Action": name, **fields}, as_list=False)
        return future

    def tell(self, action: bytes) -> None:
        """Sends what needs no answer, a little later and together: each write wakes a thread of Asterisk.

        Too much of it raises AmiError.
        """
        if not self.ready or len(self._telling) >= MAX_WAITING:
            raise AmiError(f"the connection to {self.where} does not take it now")
        if not self._telling:
            self.loop.call_later(TELL_SECONDS, self._write)
        self._telling.append(action)

    def _write(self) -> None:
        telling, self._telling = self._telling, []
        if not self.protocol.closed:
            self.protocol.transport.write(b"".join(telling))

    @property
    def ready(self) -> bool:
        """Logged in, and neither side is behind."""
        return bool(self.authenticated) and not self.protocol.paused and len(self.protocol.responses) < MAX_WAITING

    # What follows replaces parts of panoramisk's Manager.

    def dispatch(self, event: AmiEvent) -> None:
        self._on_event(event)

    def connection_made(self, f: asyncio.Future[Any]) -> None:
        # panoramisk would try again by itself, without end and without being told to stop.
        if not f.cancelled() and f.exception() is None:
            super().connection_made(f)

    def login(self, future: asyncio.Future[Message]) -> bool:
        return not future.cancelled() and bool(super().login(future))

    def ping(self) -> None:
        self.pinger = None
        self.protocol.send({"Action": "Ping"}).add_done_callback(self._pong)

    def _pong(self, future: asyncio.Future[Message]) -> None:
        if future.cancelled():
            self.protocol.drop(f"no answer to a ping in {self.times.answer:g} s")
        else:
            self.pinger = self.loop.call_later(self.ping_interval, self.ping)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - panoramisk's name
        self.authenticated = False
        if self.pinger:
            self.pinger.cancel()
            self.pinger = None
        if not self.lost.done():
            self.lost.set_result(None)

    def close(self) -> None:
        self.authenticated = False
        super().close()
