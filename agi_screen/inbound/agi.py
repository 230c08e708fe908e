"""The FastAGI server: takes sessions on TCP and on a Unix socket, and hands each request to its route."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from hmac import compare_digest
from pathlib import Path

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import mset
from agi_screen.base.config import Agi
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.listening import Listening, bound_tcp, bound_unix
from agi_screen.base.units import Address
from agi_screen.inbound.environment import Environment
from agi_screen.inbound.sessions import Door, Session

log = logging.getLogger("agi_screen.agi")

Route = Callable[[Environment, Session], None]
SWEEP_SECONDS = 0.25
READING_SECONDS, READING_LOOKS = 0.005, 10


class ListenError(AgiScreenError):
    """The address is taken or not ours."""


class AgiServer:
    """Sessions beyond the limit, unknown routes and our own faults all end in `allow`: fail open, and say so."""

    def __init__(self, config: Agi, routes: Mapping[str, Route]) -> None:
        self.counts: Counter[str] = Counter()
        self.listening: Address | None = None
        self.sockets: dict[str, socket.socket] = {}
        self._limits = config
        self._secret = _secret_of(config)
        self._routes = dict(routes)
        self._door = Door(self, config)
        self._drained = asyncio.Event()
        self._sweeper: asyncio.TimerHandle | None = None
        self._told_away = self._strangers = 0

    def configure(self, config: Agi) -> None:
        """Takes new limits; the address stays."""
        self._limits = config
        self._secret = _secret_of(config)
        self._door.configure(config)

    @property
    def open_sessions(self) -> int:
        return len(self._door)

    @property
    def address(self) -> Address:
        """Where it really listens: the port is known here when the configuration says 0."""
        return self.listening or self._limits.listen

    async def bind(self, given: Listening | None = None) -> None:
        """Has the TCP socket, a given one or a new one; nobody is taken yet. Raises ListenError with the mend."""
        listen = self._limits.listen
        try:
            self.sockets["agi"] = await bound_tcp("agi", listen.host, listen.port, given or Listening())
            self.listening = Address(*self.sockets["agi"].getsockname()[:2])
        except OSError as error:
            raise self._cannot(error) from error

    async def start(self) -> None:
        """Takes sessions on TCP. Raises ListenError with the mend."""
        if not self.sockets:
            await self.bind()
        try:
            await self._door.listen(self.sockets["agi"])
        except OSError as error:
            raise self._cannot(error) from error
        self._sweep()

    def _cannot(self, error: OSError) -> ListenError:
        mend = "is another agi-screen running? else choose another [agi] listen"
        return ListenError(f"[agi] listen = {self._limits.listen}: {error.strerror or error}: {mend}")

    async def start_unix(self, path: Path, given: Listening | None = None) -> None:
        """Listens for the classic script too. Without this socket FastAGI still works: it is said and borne."""
        try:
            found = given.unix(path) if given is not None else None
            self.sockets["classic"] = found or bound_unix(path)
            await self._door.listen(self.sockets["classic"])
        except OSError as error:
            log.error("classic AGI cannot reach this daemon: %s: %s", path, error.strerror or error)

    async def hold(self) -> None:
        """Lets callers wait in the kernel's queue, and gives those who are just taken a moment to say their request."""
        self._door.hold()
        for _ in range(READING_LOOKS):
            if not self._door.unread():
                break
            await asyncio.sleep(READING_SECONDS)

    async def release(self) -> None:
        await self._door.release()

    def close(self) -> None:
        """Takes no more calls."""
        self._door.close()

    async def stop(self, *, keep_taking: bool = False) -> None:
        """Takes no more calls, waits for those under way up to `drain_time`, then lets Asterisk go on without us.

        `keep_taking`: callers wait for another process anyway, so they are served until no session is open."""
        if not keep_taking:
            self.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.drained(), self._limits.drain_time)
        if self._sweeper is not None:
            self._sweeper.cancel()
        self.close()
        self._door.shut("the daemon is stopping")

    async def drained(self) -> None:
        """Waits until no session is open."""
        self._drained.clear()
        if self._door:
            await self._drained.wait()

    def idle(self) -> None:
        self._drained.set()

    def aborted(self, why: str) -> None:
        self.counts["aborted"] += 1
        log.warning("session ended: %s", why)

    def turned_away(self) -> None:
        self.counts["no_descriptor"] += 1

    def requested(self, session: Session, environment: Environment) -> None:
        if len(self._door) > self._limits.max_sessions:
            self._let_through(session, "busy")
            return
        if self._secret and not compare_digest(environment.secret.encode(), self._secret):
            self._let_through(session, "unauthorised")
            return
        route = self._routes.get(environment.route)
        if route is None:
            self._let_through(session, "no_such_route")
            return
        try:
            route(environment, session)
        except Exception:  # noqa: BLE001  boundary: no fault of ours may keep a caller from the operators
            self.faulty(session)

    def faulty(self, session: Session) -> None:
        log.exception("a fault of agi-screen; the caller is let through")
        self._let_through(session, "fault")

    def _let_through(self, session: Session, error: str) -> None:
        self.counts[error] += 1
        session.finish(mset({dialplan.VERDICT: "allow", dialplan.ERROR: error}))

    def _sweep(self) -> None:
        """One timer for all sessions: a timer each would cost more than the verdict."""
        self._door.expire()
        if self.counts["no_descriptor"] > self._told_away:
            away, self._told_away = self.counts["no_descriptor"], self.counts["no_descriptor"]
            log.error("%d callers went on UNSCREENED so far: too many open files, raise LimitNOFILE", away)
        if self.counts["unauthorised"] > self._strangers:
            self._strangers = self.counts["unauthorised"]
            mend = "is AGI_SCREEN_SECRET in [globals] of each Asterisk the [agi] secret?"
            log.error(
                "%d sessions so far did not bring the secret, their callers went on UNSCREENED: %s",
                self._strangers,
                mend,
            )
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)


def _secret_of(config: Agi) -> bytes:
    return config.secret.get_secret_value().encode()
