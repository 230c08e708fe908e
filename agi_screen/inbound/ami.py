"""The AMI connection that is always meant to be up: it never blocks a call, and says clearly why it is down."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping

from agi_screen.base.clock import Clock
from agi_screen.base.config import Ami
from agi_screen.inbound.ami_actions import check_fields, user_event
from agi_screen.inbound.ami_link import AmiLink, LinkError
from agi_screen.inbound.ami_types import (
    EVENTS,
    AmiCounters,
    AmiError,
    AmiEvent,
    AmiList,
    AmiReply,
    AmiState,
    AmiStatus,
    AmiTimes,
)

__all__ = ["AmiClient", "AmiError", "AmiEvent", "AmiReply", "AmiState", "AmiStatus", "AmiTimes"]

HELLO = "AgiScreenUp"
log = logging.getLogger(__name__)


class AmiClient:
    """Give it a callback for events, `start()` it inside the running loop, and `stop()` it."""

    def __init__(
        self,
        settings: Ami,
        on_event: Callable[[AmiEvent], None],
        clock: Clock,
        times: AmiTimes | None = None,
        wanted: frozenset[str] = EVENTS,
        on_status: Callable[[AmiStatus], None] | None = None,
    ) -> None:
        check_fields({"Username": settings.username, "Secret": settings.secret.get_secret_value()})
        self.counters = AmiCounters()
        self._settings = settings
        self._on_event = on_event
        self._on_status = on_status
        self._clock = clock
        self._times = times or AmiTimes.noticing(settings.silence)
        self._wanted = wanted
        self._status = AmiStatus(AmiState.OFF, "not started", clock.wall())
        self._link: AmiLink | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def status(self) -> AmiStatus:
        """State, what to do about it, since when."""
        return self._status

    @property
    def state(self) -> AmiState:
        return self._status.state

    @property
    def connected(self) -> bool:
        """True while events come in, whether or not we may send any."""
        return self._link is not None

    async def start(self) -> None:
        """Returns at once; `status` tells how it goes."""
        if not self._settings.enabled:
            self._say(AmiState.OFF, "[ami] enabled = false")
        elif self._task is None:
            self._say(AmiState.CONNECTING, f"to {self._settings.host}:{self._settings.port}")
            self._task = asyncio.create_task(self._run(), name="ami")

    async def stop(self) -> None:
        """Ends the connection, or the wait for the next attempt, at once."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._say(AmiState.OFF, "stopped")

    def user_event(self, name: str, fields: Mapping[str, object]) -> None:
        """Sends an event to all who listen to AMI; never waits. While AMI takes none it is dropped and counted."""
        try:
            self._post_event(name, fields)
        except AmiError as error:
            self.counters.dropped += 1
            log.debug("AMI event dropped: %s", error)
        else:
            self.counters.sent += 1

    def _post_event(self, name: str, fields: Mapping[str, object]) -> None:
        if self._link is None or self.state is not AmiState.UP:
            raise AmiError(f"AMI is {self.state}")
        self._link.tell(user_event(name, fields))

    async def action(self, name: str, fields: Mapping[str, str]) -> AmiReply:
        """Any action the account may use. AmiError: not sent, or no answer in time."""
        if self._link is None:
            raise AmiError(f"{name}: AMI is {self.state} ({self.status.detail})")
        return await self._link.ask(name, dict(fields))

    async def ask_list(self, kind: AmiList) -> list[AmiEvent]:
        """An action that is answered by a list of events. AmiError: not sent, or no whole answer in time."""
        if self._link is None:
            raise AmiError(f"{kind.action}: AMI is {self.state} ({self.status.detail})")
        return await self._link.ask_list(kind)

    async def _run(self) -> None:
        wait = self._times.retry_first
        while True:
            begun = self._clock.ticks()
            await self._one_connection()
            if self.state is AmiState.WRONG_SECRET:
                wait = self._times.retry_most
            elif (self._clock.ticks() - begun) / 1e9 > self._times.answer + self._times.connect:
                # A connection that lasted earns a quick new attempt; one that falls at once does not.
                wait = self._times.retry_first
            await asyncio.sleep(wait * (0.75 + random.random() / 2))  # noqa: S311 - jitter, no secret
            wait = min(wait * 2, self._times.retry_most)

    async def _one_connection(self) -> None:
        """From connecting to the end of the connection; every failure is said and none is raised."""
        link = AmiLink(self._settings, self._times, self._wanted, self.counters, self._on_event)
        try:
            await link.open()
            self.counters.logins += 1
            self._link = link
            await self._stay(link)
        except LinkError as error:
            wrong = error.state is AmiState.WRONG_SECRET
            self._say(error.state, self._how_to_mend_secret(error.detail) if wrong else error.detail)
        finally:
            self._link = None
            link.close()

    async def _stay(self, link: AmiLink) -> None:
        renew = None if await self._may_send(link) else self._times.renew
        await asyncio.wait({link.lost}, timeout=renew)
        if link.lost.done():
            self.counters.losses += 1
            self._say(AmiState.LOST, link.problem)

    async def _may_send(self, link: AmiLink) -> bool:
        """Tries the one right the account needs now, so that its lack is not first seen with a call."""
        try:
            reply = await link.ask("UserEvent", {"UserEvent": HELLO})
        except AmiError as error:
            link.protocol.drop(str(error))
            return True
        if reply.success:
            self._say(AmiState.UP, f"Asterisk at {link.where}, AMI {link.protocol.version}")
        else:
            user = self._settings.username
            self._say(
                AmiState.NO_PERMISSION,
                f"events are read, but not sent: put `write = user` into [{user}] of Asterisk's manager.conf"
                " (manager.d/agi_screen.conf) and run: asterisk -rx 'manager reload'",
            )
        return reply.success

    def _how_to_mend_secret(self, answer: str) -> str:
        mine = self._settings.secret_file or "[ami] of agi-screen.toml"
        user = self._settings.username
        return (
            f"Asterisk refuses the log-in of {user} ({answer}): make the secret in {mine} the same as"
            f" `secret` of [{user}] in Asterisk's manager.conf (manager.d/agi_screen.conf), see that its `permit`"
            " lines admit this machine, and run: asterisk -rx 'manager reload'"
        )

    def _say(self, state: AmiState, detail: str) -> None:
        """Takes the new status; what a person must know is logged once, when it begins."""
        old = self._status
        if (state, detail) == (old.state, old.detail):
            return
        since = old.since if state is old.state else self._clock.wall()
        self._status = AmiStatus(state, detail, since)
        fine = state in (AmiState.UP, AmiState.OFF, AmiState.CONNECTING)
        log.log(logging.INFO if fine else logging.WARNING, "AMI %s: %s", state, detail)
        if self._on_status is not None:
            self._on_status(self._status)
