"""The FastAGI server: takes connections on TCP and on a Unix socket, and hands each request to its route."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import mset
from agi_screen.base.config import Agi
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.units import Address
from agi_screen.inbound.environment import Environment
from agi_screen.inbound.session import AgiSession

log = logging.getLogger("agi_screen.agi")

Route = Callable[[Environment, AgiSession], None]
SWEEP_SECONDS = 0.25


class ListenError(AgiScreenError):
    """The address is taken or not ours."""


class AgiServer:
    """Sessions beyond the limit, unknown routes and our own faults all end in `allow`: fail open, and say so."""

    def __init__(self, config: Agi, routes: Mapping[str, Route]) -> None:
        self.limits = config
        self.counts: Counter[str] = Counter()
        self._routes = routes
        self._servers: list[asyncio.Server] = []
        self._sessions: dict[AgiSession, None] = {}
        self.idle = asyncio.Event()
        self.idle.set()
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def open_sessions(self) -> int:
        return len(self._sessions)

    @property
    def address(self) -> Address:
        """Where it really listens: the port is known here when the configuration says 0."""
        host, port = self._servers[0].sockets[0].getsockname()[:2]
        return Address(host, port)

    async def start(self) -> None:
        """Listens on TCP. Raises ListenError with the mend."""
        listen = self.limits.listen
        loop = asyncio.get_running_loop()
        try:
            self._servers.append(await loop.create_server(self._session, listen.host, listen.port, backlog=4096))
        except OSError as error:
            mend = "is another agi-screen running? else choose another [agi] listen"
            raise ListenError(f"[agi] listen = {listen}: {error.strerror or error}: {mend}") from error
        self._sweep()

    async def start_unix(self, path: Path) -> None:
        """Listens for the classic script too. Without this socket FastAGI still works: it is said and borne."""
        loop = asyncio.get_running_loop()
        try:
            path.unlink(missing_ok=True)  # noqa: ASYNC240  left by a daemon that was killed; once, at start
            self._servers.append(await loop.create_unix_server(self._session, str(path), backlog=1024))
        except OSError as error:
            log.error("classic AGI cannot reach this daemon: %s: %s", path, error.strerror or error)

    async def stop(self) -> None:
        """Takes no more calls, waits for those under way up to `drain_time`, then lets Asterisk go on without us."""
        for server in self._servers:
            server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.idle.wait(), self.limits.drain_time)
        if self._sweeper is not None:
            self._sweeper.cancel()
        for session in tuple(self._sessions):
            session.abort("the daemon is stopping")

    def _session(self) -> AgiSession:
        return AgiSession(self)

    def opened(self, session: AgiSession) -> None:
        self._sessions[session] = None
        self.idle.clear()

    def closed(self, session: AgiSession) -> None:
        self._sessions.pop(session, None)
        if session.why:
            self.counts["aborted"] += 1
            log.warning("session ended: %s", session.why)
        if not self._sessions:
            self.idle.set()

    def requested(self, session: AgiSession, environment: Environment) -> None:
        if len(self._sessions) > self.limits.max_sessions:
            self._let_through(session, "busy")
            return
        route = self._routes.get(environment.route)
        if route is None:
            self._let_through(session, "no_such_route")
            return
        try:
            route(environment, session)
        except Exception:  # boundary: no fault of ours may keep a caller from the operators
            log.exception("a fault of agi-screen; the caller is let through")
            self._let_through(session, "fault")

    def _let_through(self, session: AgiSession, error: str) -> None:
        self.counts[error] += 1
        session.finish(mset({dialplan.VERDICT: "allow", dialplan.ERROR: error}))

    def _sweep(self) -> None:
        """One timer for all sessions: a timer each would cost more than the verdict."""
        now = monotonic()
        for session in [s for s in self._sessions if s.deadline < now]:
            session.abort("no answer in time" if session.asked else "no environment in time")
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)


async def run_guarded(work: Awaitable[None], session: AgiSession) -> None:
    """Runs what a session awaits; a fault of ours lets the caller through."""
    try:
        await work
    except Exception:  # boundary: see AgiServer.requested
        log.exception("a fault of agi-screen in a conversation; the caller is let through")
        session.finish(mset({dialplan.VERDICT: "allow", dialplan.ERROR: "fault"}))
