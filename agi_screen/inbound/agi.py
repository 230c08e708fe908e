"""The FastAGI server: takes sessions on TCP and on a Unix socket, and hands each request to its route."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import mset
from agi_screen.base.config import Agi
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.units import Address
from agi_screen.inbound.environment import Environment
from agi_screen.inbound.sessions import Door, Session

log = logging.getLogger("agi_screen.agi")

Route = Callable[[Environment, Session], None]
SWEEP_SECONDS = 0.25
# Made beforehand: where there is no memory left, none is needed for them.
LET_THROUGH = {
    error: mset({dialplan.VERDICT: "allow", dialplan.ERROR: error}) for error in ("busy", "fault", "no_such_route")
}


class ListenError(AgiScreenError):
    """The address is taken or not ours."""


class AgiServer:
    """Sessions beyond the limit, unknown routes and our own faults all end in `allow`: fail open, and say so."""

    def __init__(self, config: Agi, routes: Mapping[str, Route]) -> None:
        self.counts: Counter[str] = Counter()
        self.listening: Address | None = None
        self._limits = config
        self._routes = dict(routes)
        self._door = Door(self, config)
        self._drained = asyncio.Event()
        self._sweeper: asyncio.TimerHandle | None = None
        self._told_away = 0

    def configure(self, config: Agi) -> None:
        """Takes new limits; the address stays."""
        self._limits = config
        self._door.configure(config)

    @property
    def open_sessions(self) -> int:
        return len(self._door)

    @property
    def address(self) -> Address:
        """Where it really listens: the port is known here when the configuration says 0."""
        return self.listening or self._limits.listen

    async def start(self) -> None:
        """Listens on TCP. Raises ListenError with the mend."""
        listen = self._limits.listen
        try:
            listening = await _bound(listen)
            self.listening = Address(*listening.getsockname()[:2])
            await self._door.listen(listening)
        except OSError as error:
            mend = "is another agi-screen running? else choose another [agi] listen"
            raise ListenError(f"[agi] listen = {listen}: {error.strerror or error}: {mend}") from error
        self._sweep()

    async def start_unix(self, path: Path) -> None:
        """Listens for the classic script too. Without this socket FastAGI still works: it is said and borne."""
        try:
            path.unlink(missing_ok=True)  # noqa: ASYNC240  left by a daemon that was killed; once, at start
            listening = socket.socket(socket.AF_UNIX)
            listening.bind(str(path))
            await self._door.listen(listening)
        except OSError as error:
            log.error("classic AGI cannot reach this daemon: %s: %s", path, error.strerror or error)

    async def stop(self) -> None:
        """Takes no more calls, waits for those under way up to `drain_time`, then lets Asterisk go on without us."""
        self._door.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.drained(), self._limits.drain_time)
        if self._sweeper is not None:
            self._sweeper.cancel()
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
        route = self._routes.get(environment.route)
        if route is None:
            self._let_through(session, "no_such_route")
            return
        try:
            route(environment, session)
        except Exception:  # noqa: BLE001  boundary: no fault of ours may keep a caller from the operators
            self.faulty(session)

    def faulty(self, session: Session) -> None:
        try:
            self._let_through(session, "fault")  # first: where memory is short, the words for the log may find none
        finally:
            if self.counts["fault"].bit_count() == 1:  # the 1st, 2nd, 4th, 8th: a fault in every call fills no disk
                log.exception("a fault of agi-screen; the caller is let through (%d so far)", self.counts["fault"])

    def _let_through(self, session: Session, error: str) -> None:
        self.counts[error] += 1
        session.finish(LET_THROUGH[error])

    def _sweep(self) -> None:
        """One timer for all sessions: a timer each would cost more than the verdict."""
        self._door.expire()
        if self.counts["no_descriptor"] > self._told_away:
            away, self._told_away = self.counts["no_descriptor"], self.counts["no_descriptor"]
            log.error("%d callers went on UNSCREENED so far: too many open files, raise LimitNOFILE", away)
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)


async def _bound(listen: Address) -> socket.socket:
    """A socket at this address; a name is looked up."""
    found = await asyncio.get_running_loop().getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)
    family, kind, proto, _, address = found[0]
    bound = socket.socket(family, kind, proto)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
