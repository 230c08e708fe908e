"""What is seen of the running daemon, second by second: the board, the level, the queues, and how all parts are."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any

from agi_screen.base.clock import Clock
from agi_screen.base.live import Seen
from agi_screen.daemon import Daemon
from agi_screen.inbound.ami import AmiState
from agi_screen.inbound.ami_types import QUEUES, AmiError
from agi_screen.trail.board.board import Mark

log = logging.getLogger("agi_screen.watching")

LIST_SECONDS = 5.0  # between two looks at the queues, while somebody watches
WATCHED_SECONDS = 15.0


class Watching:
    """`look` never waits. Lists of the queues are asked for by a task that ends when nobody looks any more."""

    def __init__(self, daemon: Daemon, clock: Clock) -> None:
        self._daemon = daemon
        self._clock = clock
        self.run = secrets.token_hex(4)  # marks of another run mean nothing in this one
        self._looked_at = 0.0
        self._asking: asyncio.Task[None] | None = None
        self._queues_problem = ""

    def look(self, seen: Seen) -> tuple[dict[str, Any], Seen]:
        """The parts of the picture: series, calls and ends only as far as they were not seen; and what is seen now."""
        self._looked_at = self._seconds()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._keep_queues(), name="queues")
        mark = Mark(*seen[1:]) if seen.run == self.run else Mark()
        told, mark = self._daemon.trail.board.parts(mark)
        return {**told, **self._state()}, Seen(self.run, *mark)

    def _state(self) -> dict[str, Any]:
        daemon, ami = self._daemon, self._daemon.ami.status
        machines = daemon.machines
        shared = {"machines": machines.look()} if machines is not None else {}
        return {
            **shared,
            "at": round(self._clock.wall(), 3),
            "ticks": round(self._seconds(), 3),  # the moment `at` on the clock that `seconds` are counted by
            "since": daemon.trail.board.since,
            "mode": daemon.settings.config.mode,
            "level": daemon.levels.state(),
            "now": {
                "sessions": daemon.agi.open_sessions,
                "captcha": daemon.captcha.running,
                "followed": len(daemon.tracker),
            },
            "health": {
                "ami": {"state": str(ami.state), "detail": ami.detail, "since": ami.since},
                "records": str(daemon.recorder.state),
                "webhook": daemon.webhook.state,
                "let_through": dict(daemon.agi.counts),
            },
            "queues": {"problem": self._problem(), "rows": daemon.queues.state()},
        }

    def _problem(self) -> str:
        state = self._daemon.ami.state
        if state in (AmiState.UP, AmiState.NO_PERMISSION):
            return self._queues_problem
        return f"AMI is {state}: waiting callers and members are not known"

    async def _keep_queues(self) -> None:
        while self._seconds() - self._looked_at < WATCHED_SECONDS:
            await self._list_queues()
            await asyncio.sleep(LIST_SECONDS)

    async def _list_queues(self) -> None:
        try:
            events = await self._daemon.ami.ask_list(QUEUES)
        except AmiError as error:
            self._queues_problem = str(error)
            log.debug("queues: %s", error)
        else:
            self._queues_problem = ""
            self._daemon.queues.listed(events)

    def _seconds(self) -> float:
        return self._clock.ticks() / 1e9
