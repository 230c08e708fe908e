"""Puts the daemon together: build, start, reload, drain, stop. What breaks here never keeps a caller waiting."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agi_screen.base.clock import Clock
from agi_screen.base.dialplan import OPEN_EVENT
from agi_screen.base.late_store import LateStore
from agi_screen.base.listening import Listening
from agi_screen.base.records import CallEnd, CallRecord
from agi_screen.cluster.connect import Access
from agi_screen.cluster.seal import Seal
from agi_screen.cluster.state import hashing_key
from agi_screen.inbound.agi import AgiServer
from agi_screen.inbound.agi_tls import TlsFront
from agi_screen.inbound.ami import AmiClient, AmiEvent, AmiState, AmiStatus
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.kept_files import KeptFiles
from agi_screen.levels import Levels
from agi_screen.list_sharing import ListSharing
from agi_screen.machines import Machines
from agi_screen.pulse import Pulse
from agi_screen.reply.captcha.captcha import CaptchaRoom
from agi_screen.reply.captcha.prompts import Prompts
from agi_screen.reply.captcha.voices import remarks
from agi_screen.restart import waiting_for_restart
from agi_screen.retention import Retention
from agi_screen.screen import Screen
from agi_screen.settings import Settings
from agi_screen.sharing import Sharing
from agi_screen.stock import Stock
from agi_screen.trail.board.queues import QueueBoard
from agi_screen.trail.calls import Recorder
from agi_screen.trail.feedback import FeedbackBook
from agi_screen.trail.live import LiveTrail
from agi_screen.trail.tracker import CallTracker
from agi_screen.trail.webhook import Webhook
from agi_screen.watchdog import Watchdog

log = logging.getLogger("agi_screen")

FAILING_OPEN = ("busy", "fault", "no_descriptor", "unauthorised")  # as the AGI server counts them
CALLS_SECONDS = 5  # of which other machines are told the mean
OPENED = ("refused", "timeout", "died")  # why Asterisk had no verdict of us
REMEMBERED_CALLS = 20_000
LEVEL_SECONDS = 5.0
STORE_PATIENCE_SECONDS = 10.0


class Daemon:
    """All parts of one running agi-screen. `start` raises ListenError; everything else it bears."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        config = settings.config
        self.settings = settings
        self._clock = clock
        self.plan = settings.plan(config.numbers.cache)
        self.passes = PassBook(config.passes.capacity, clock, config.passes.uses, config.passes.time)
        self.judge = Judge(config, settings.signals, Lists.build([], clock.wall()), self.passes, clock.wall())
        self.captcha = CaptchaRoom(config.captcha, settings.challenges, clock)
        self.store = LateStore(settings.place, clock)
        self.recorder = Recorder(self.store, clock, flush_seconds=config.store.flush_time, backlog=config.store.backlog)
        self.tracker = CallTracker(
            *(self._call_ended, clock, REMEMBERED_CALLS),
            on_lost=self._call_lost,
            on_menu=self._menu_seen,
            menu=config.menu,
        )
        self.queues = QueueBoard(clock)
        self.ami = AmiClient(config.ami, self._ami_event, clock, on_status=self._ami_status)
        self.webhook = Webhook(config.webhook)
        self.levels = Levels(self.judge.memory.level, self.store, self.ami, self.webhook, clock)
        self.trail = LiveTrail(
            *(self.recorder, self.tracker, self.passes, self.judge, self.ami),
            FeedbackBook(REMEMBERED_CALLS),
            clock,
        )
        self.screen = Screen(config.captcha, self.plan, self.judge, self.captcha, self.trail, clock)
        self.sharing: Sharing | None = None  # from the start on, where state is shared
        self.machines: Machines | None = None
        self.list_sharing: ListSharing | None = None
        self.degraded: Callable[[], list[str]] = list  # who watches the parts is put beside the daemon later
        self.agi = AgiServer(config.agi, self.screen.routes)
        self.agi_tls = TlsFront(settings.agi_socket)
        self.files = KeptFiles(self.judge, lambda: self.settings, clock)
        self.stock = Stock(self.store, self.judge, self.levels, self.recorder, self.plan, lambda: self.settings, clock)
        self.pulse = Pulse(clock, self.stock.clock_set)
        privacy = lambda: self.settings.config.privacy  # noqa: E731 - as it is at each look
        self.retention = Retention(self.store, privacy, clock, self.judge.memory.callers.forget)
        self.watchdog = Watchdog(lambda: self.settings.config.watchdog)
        self.opened: Counter[str] = Counter()  # calls that Asterisk let through, having no verdict of us
        self.stopping = self.handed_over = False
        self.kept_listening = False  # systemd keeps the sockets: who comes after us takes who waits
        self._ordering: asyncio.Task[None] | None = None
        self._keeping: list[asyncio.Task[None]] = []

    async def start(self, given: Listening | None = None) -> None:
        """Takes calls at its return, whatever the disk does; raises ListenError alone."""
        await self.load(given)
        await self.files.restore_buckets()
        await self.open(given)

    async def load(self, given: Listening | None = None) -> None:
        """All that takes time, before anybody waits for us. Raises ListenError."""
        self._say_prompts()
        await self.agi.bind(given)
        await self.files.restore_learned()
        try:
            await asyncio.wait_for(self.stock.load(), STORE_PATIENCE_SECONDS)
        except TimeoutError:
            log.critical(
                "calls are taken WITHOUT lists and passes: the store gave none in %g s", STORE_PATIENCE_SECONDS
            )

    async def open(self, given: Listening | None = None) -> None:
        """Takes calls from now on. Raises ListenError."""
        self._share()
        await self.agi.start()
        await self.agi.start_unix(self.settings.agi_socket, given)
        await self.agi_tls.start(self.settings.config.agi, self.settings.path.parent, given)
        self.recorder.start()
        self.webhook.start()
        self.pulse.start()
        await self.ami.start()
        keep = [self.stock.keep(), self.stock.purge(), self.stock.watch(), self.retention.run()]
        keep += [self.files.keep_buckets(), self.files.keep_learned(), self._keep_level()]
        self._keeping = [asyncio.create_task(work) for work in keep]

    def leave_keeping(self) -> None:
        """From now on another daemon keeps the files, and its word on the level counts."""
        self.stopping = self.handed_over = self.files.handed_over = True
        for task in self._keeping:
            task.cancel()
        self.levels.hush()

    async def stop(self) -> None:
        """Takes no more calls, ends those under way, writes what is still in memory."""
        self.stopping = True
        self.agi_tls.close()
        await self.agi.stop(keep_taking=self.kept_listening and not self.handed_over)
        await self.agi_tls.stop()
        self.pulse.stop()
        for task in self._keeping:
            task.cancel()
        await self.ami.stop()
        await self.webhook.stop()
        for part in (self.list_sharing, self.machines, self.sharing.shared if self.sharing else None):
            if part is not None:
                await part.stop()
        await self.recorder.close()
        await self.store.close()
        self.watchdog.stop()
        if not self.handed_over:
            await self.files.save_buckets()
            await self.files.save_learned()

    def configure(self, settings: Settings, prompts: Prompts | None = None) -> list[str]:
        """Takes a new configuration at once, and names the keys that wait for a restart."""
        old, new = self.settings.config, settings.config
        waiting = waiting_for_restart(old, new)
        self.settings = settings
        self.judge.configure(new, settings.signals, self._clock.wall())
        self.captcha.configure(new.captcha, settings.challenges, prompts)
        self._say_prompts()
        self.passes.configure(new.passes.uses, new.passes.time)
        self.screen.captcha = new.captcha
        self.tracker.menu = new.menu
        self.agi.configure(new.agi)
        self.agi_tls.configure(new.agi)
        if self.sharing is not None:
            self.sharing.configure()
        self.webhook.configure(new.webhook)
        return waiting

    def _share(self) -> None:
        """Knows what other machines know from now on. That must not keep this one from taking calls."""
        config = self.settings.config
        access = Access(config.state, config.cluster, self.settings.path.parent)
        if config.state.shared:
            try:
                self.sharing = Sharing(access, self.judge, self.captcha.offers, self._clock)
            except OSError as error:
                log.critical("NOTHING IS SHARED with other machines: [cluster] tls_ca = %s: %s", access.ca, error)
            else:
                self.screen.others = self.sharing
                self.sharing.shared.start()
                self._meet(access)

    def _meet(self, access: Access) -> None:
        """The other machines are heard, and lists are theirs and ours."""
        seal = Seal(hashing_key(access.table.secret.get_secret_value()))
        keeper = self.judge.memory.level
        self.machines = Machines(access, seal, self.levels, keeper, self._how, self._clock)
        self.machines.start()
        if isinstance(self.settings.place, Path):  # a database that machines share has the lists of all already
            self.list_sharing = ListSharing(access, seal, self.store, self.machines, self.stock.load_lists)
            self.list_sharing.start()

    def _how(self) -> dict[str, Any]:
        """What other machines are told of this one."""
        calls, recent = self.trail.board.lately(CALLS_SECONDS)
        queues = self.queues.state()
        return {
            "calls": calls,
            "captcha": self.captcha.running,
            "passed": recent["passed"],
            "asked": recent["passed"] + recent["failed"] + recent["hungup"],
            "unscreened": sum(self.agi.counts[name] for name in FAILING_OPEN) + sum(self.opened.values()),
            "ami": str(self.ami.state),
            "waiting": sum(queue["waiting"] for queue in queues),
            "longest": max((queue["longest"] for queue in queues), default=0),
            "degraded": self.degraded(),
            "numbers": self.plan.pseudonyms.check if self.plan.pseudonyms is not None else "",
        }

    def _say_prompts(self) -> None:
        """Missing prompts are found now, and not by the first suspected caller."""
        for remark in remarks(self.captcha.prompts, self.settings.config.captcha):
            level = logging.ERROR if remark.serious else logging.WARNING if remark.mend else logging.INFO
            log.log(level, "%s", remark)

    async def _keep_level(self) -> None:
        """An attack that ended in silence ends here too."""
        while True:
            await asyncio.sleep(LEVEL_SECONDS)
            self.judge.memory.quiet(self._clock.ticks(), self._clock.wall())

    def _ami_event(self, event: AmiEvent) -> None:
        if self.levels.wanted(event):
            if self.handed_over:  # its successor heard of it too
                return
            if self.settings.config.ami.obey_level:
                self._ordering = asyncio.create_task(self.levels.obey(event))
            else:
                log.warning("an AMI client asks for another attack level: NOT obeyed, [ami] obey_level = false")
            return
        if event.name == "UserEvent" and event.fields.get("UserEvent") == OPEN_EVENT:
            self._opened(event.fields.get("Error", ""))
            return
        self.tracker.take(event)
        self.queues.take(event)

    def _opened(self, why: str) -> None:
        if why in OPENED:  # others are ours, and were counted when they were said
            self.opened[why] += 1

    def _call_ended(self, end: CallEnd, record: CallRecord | None) -> None:
        self.trail.ended(end, record)

    def _menu_seen(self, record: CallRecord, idle: bool) -> None:
        self.trail.menu_seen(record, idle=idle)

    def _call_lost(self, record: CallRecord) -> None:
        self.trail.lost(record)

    def _ami_status(self, status: AmiStatus) -> None:
        """Refused means that Asterisk is gone, and its calls with it; a lost connection alone does not. But of calls
        that ended meanwhile nobody tells: those that are open are counted anew, rather too few than too many."""
        if status.state is AmiState.REFUSED:
            self.tracker.reset()
            self.queues.reset()
        if status.state in (AmiState.REFUSED, AmiState.UP):
            self.judge.memory.callers.none_open()
