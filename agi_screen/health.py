"""What of the daemon does not work, and who is told: after a while, once, and again when it works.

A blip tells nobody: each part has its own patience, and is well again only after it was so for a while.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from agi_screen.base.clock import Clock
from agi_screen.base.store_files import set_aside
from agi_screen.base.text import escape
from agi_screen.daemon import FAILING_OPEN, OPENED, Daemon
from agi_screen.inbound.ami import AmiState
from agi_screen.reply.captcha.voices import remarks

log = logging.getLogger("agi_screen.health")

LOOK_SECONDS = 1.0
DISK_SECONDS = 5.0
DISK_LEAST_BYTES = 256 * 1024 * 1024
RECENT_SECONDS = 60.0  # a caller who was let through unscreened speaks for so long
CALM_SECONDS = 30.0
PATIENCE = {"agi": 5.0, "lists": 10.0, "records": 10.0, "ami": 30.0, "prompts": 10.0}
PATIENCE |= {"disk": 10.0, "database": 0.0, "unscreened": 0.0, "shared": 10.0}
PARTS = tuple(PATIENCE)
NEEDED = ("agi", "lists")  # without these another daemon decides better
MAX_TEXT = 200


class Trouble(NamedTuple):
    """A part that does not work. `since` in seconds since 1970 UTC."""

    part: str
    why: str
    since: float


class Watch:
    """One part over time: `look` says whether it turned bad or good, for whoever is told."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.told: Trouble | None = None  # what was told, and is not over
        self._bad: Trouble | None = None
        self._turned = 0.0  # when it was seen to be otherwise than told, on the steady clock

    def look(self, why: str, now: float, wall: float) -> Trouble | None:
        """`why` is empty while it works. Returns the trouble that begins or ends now; `told` says which."""
        if bool(why) is (self.told is not None):
            self._turned, self._bad = 0.0, None
            return None
        if not self._turned:
            self._turned = now
            self._bad = Trouble(self.part, why, wall) if why else None
        if now - self._turned < (PATIENCE[self.part] if why else CALM_SECONDS):
            return None
        self._turned = 0.0
        turned = self.told or self._bad
        self.told = Trouble(self.part, why, turned.since) if why and turned else None
        return self.told or turned


class Health:
    """`now` is each part as it is; `degraded` what was told and is not over."""

    def __init__(self, daemon: Daemon, clock: Clock, tell: Callable[[Mapping[str, Any]], None] | None = None) -> None:
        self._daemon = daemon
        self._clock = clock
        self._tell = tell or daemon.webhook.tell
        self._watches = [Watch(part) for part in PARTS]
        self._unscreened = 0
        self._unscreened_at: float | None = None
        self._disk = self._aside = ""
        self._tasks: list[asyncio.Task[None]] = []
        daemon.degraded = lambda: sorted(self.degraded)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run(), name="health"), asyncio.create_task(self._watch_disk())]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    @property
    def degraded(self) -> dict[str, Trouble]:
        return {watch.part: watch.told for watch in self._watches if watch.told is not None}

    def now(self) -> dict[str, str]:
        """Each part: empty where it works, else why not."""
        daemon, ami = self._daemon, self._daemon.ami.status
        lost = daemon.recorder.counters.lost
        records = "" if daemon.recorder.state == "ok" else daemon.recorder.state
        return {
            "agi": "" if daemon.agi.listening is not None and not daemon.stopping else "no new calls are taken",
            "lists": "" if daemon.stock.listed else "the database could not be read: no lists, no passes",
            "records": f"{records}; {lost} lost" if records and lost else records,
            "ami": "" if ami.state in (AmiState.UP, AmiState.OFF) else f"{ami.state}: {ami.detail}",
            "prompts": next((str(one) for one in self._remarks() if one.serious), ""),
            "disk": self._disk,
            "database": daemon.store.problem or self._aside,
            "unscreened": self._let_through(),
            "shared": shared if (shared := _shared(daemon)) != "ok" else "",
        }

    def look(self) -> None:
        """Tells what turned bad or good since the last look."""
        now, wall, found = self._clock.ticks() / 1e9, self._clock.wall(), self.now()
        for watch in self._watches:
            turned = watch.look(found[watch.part], now, wall)
            if turned is not None:
                self._told(turned, over=watch.told is None)

    def _told(self, trouble: Trouble, *, over: bool) -> None:
        event = "recovered" if over else "degraded"
        since = datetime.fromtimestamp(trouble.since, UTC).isoformat(timespec="seconds")
        why = escape(trouble.why, MAX_TEXT)
        text = f"{trouble.part} works again" if over else f"{trouble.part}: {why}"
        log.log(logging.WARNING, "%s: %s", event, text)
        said = {"event": event, "part": trouble.part, "why": why, "since": since}
        self._tell({**said, "still": sorted(self.degraded), "text": f"agi-screen {event}: {text}"})

    def _remarks(self) -> Any:
        daemon = self._daemon
        return remarks(daemon.captcha.prompts, daemon.settings.config.captcha)

    def _let_through(self) -> str:
        """Callers whom a fault of ours, a full daemon or missing prompts let through lately."""
        count = sum(unscreened(self._daemon).values())
        now = self._clock.ticks() / 1e9
        if count > self._unscreened:
            self._unscreened, self._unscreened_at = count, now
        if self._unscreened_at is None or now - self._unscreened_at >= RECENT_SECONDS:
            return ""
        return f"callers are let through unscreened, {count} since the start"

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    async def _watch_disk(self) -> None:
        while True:
            self._disk = await self.disk_problem()
            self._aside = await self.left_aside()
            await asyncio.sleep(DISK_SECONDS)

    async def left_aside(self) -> str:
        """A damaged database speaks until somebody took it away."""
        database = self._daemon.settings.database
        names = await asyncio.to_thread(set_aside, database)
        return f"was damaged, look at it and take it away: {', '.join(names)} in {database.parent}" if names else ""

    async def disk_problem(self) -> str:
        """In a thread, one at a time: a disk that hangs holds that thread alone."""
        folder = self._daemon.settings.database.parent
        try:
            free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
        except OSError as error:
            return f"{folder}: {error.strerror}"
        return f"{folder}: {free // 2**20} MiB free" if free < DISK_LEAST_BYTES else ""


def _shared(daemon: Daemon) -> str:
    config = daemon.settings.config
    if daemon.sharing is None:  # what it wants, it may have been refused at the start: a file of tls_ca that is no good
        return "nothing is shared: see the log of the start" if config.state.shared else "ok"
    wrong = daemon.sharing.shared.state
    return daemon.machines.problem() or wrong if wrong == "ok" and daemon.machines is not None else wrong


def unscreened(daemon: Daemon) -> dict[str, int]:
    """Callers who were let through without a verdict, by why."""
    ours = {name: daemon.agi.counts[name] for name in FAILING_OPEN}
    asterisk = {name: daemon.opened[name] for name in OPENED}
    return {**ours, "prompts_missing": daemon.trail.board.tally.errors["prompts_missing"], **asterisk}
