"""Puts the daemon together: build, start, reload, drain, stop. What breaks here never keeps a caller waiting."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from agi_screen.base.bucket_file import restore, save
from agi_screen.base.buckets import SnapshotError
from agi_screen.base.clock import Clock
from agi_screen.base.dialplan import OPEN_EVENT
from agi_screen.base.errors import AgiScreenError, StoreError
from agi_screen.base.late_store import LateStore
from agi_screen.base.learned_file import LearnedError, load_learned
from agi_screen.base.learned_file import save_learned as write_learned
from agi_screen.base.listening import Listening
from agi_screen.base.records import CallEnd, CallRecord
from agi_screen.base.store_numbers import remark_on_numbers
from agi_screen.base.store_peek import peek_groups
from agi_screen.cluster.connect import Access
from agi_screen.inbound.agi import AgiServer
from agi_screen.inbound.agi_tls import TlsFront
from agi_screen.inbound.ami import AmiClient, AmiEvent, AmiState, AmiStatus
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.levels import Levels
from agi_screen.pulse import Pulse
from agi_screen.reply.captcha.captcha import CaptchaRoom
from agi_screen.reply.captcha.prompts import Prompts
from agi_screen.reply.captcha.voices import remarks
from agi_screen.restart import waiting_for_restart
from agi_screen.retention import Retention
from agi_screen.screen import Screen
from agi_screen.settings import Settings
from agi_screen.sharing import Sharing
from agi_screen.trail.board.queues import QueueBoard
from agi_screen.trail.calls import Recorder
from agi_screen.trail.feedback import FeedbackBook
from agi_screen.trail.live import LiveTrail
from agi_screen.trail.tracker import CallTracker
from agi_screen.trail.webhook import Webhook
from agi_screen.watchdog import Watchdog

log = logging.getLogger("agi_screen")

OPENED = ("refused", "timeout", "died")  # why Asterisk had no verdict of us
REMEMBERED_CALLS = 20_000
LEARNED_SECONDS = 600.0
LEVEL_SECONDS = 5.0
PURGE_SECONDS = 86400.0
STORE_RETRY_SECONDS = 5.0
STORE_PATIENCE_SECONDS = 10.0
LISTS_SECONDS = 2.0  # so long after another daemon's change of the lists it is in force here


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
        self.agi = AgiServer(config.agi, self.screen.routes)
        self.agi_tls = TlsFront(settings.agi_socket)
        self.pulse = Pulse(clock, self._clock_set)
        privacy = lambda: self.settings.config.privacy  # noqa: E731 - as it is at each look
        self.retention = Retention(self.store, privacy, clock, self.judge.memory.callers.forget)
        self.numbers_remark = ""  # what is wrong with the key of the numbers
        self.watchdog = Watchdog(lambda: self.settings.config.watchdog)
        self.opened: Counter[str] = Counter()  # calls that Asterisk let through, having no verdict of us
        self.loaded = False  # lists and passes are in force
        self.stopping = self.handed_over = False
        self.kept_listening = False  # systemd keeps the sockets: who comes after us takes who waits
        self.saving = asyncio.Lock()  # one snapshot of the buckets at a time
        self.listed = False  # the lists are
        self._lists_lock = asyncio.Lock()
        self._lists_asked = self._lists_loaded = 0
        self._lists_version = ""
        self._ordering: asyncio.Task[None] | None = None
        self._relisting: asyncio.Task[None] | None = None
        self._keeping: list[asyncio.Task[None]] = []

    async def start(self, given: Listening | None = None) -> None:
        """Takes calls at its return, whatever the disk does; raises ListenError alone."""
        await self.load(given)
        await self._restore_buckets()
        await self.open(given)

    async def load(self, given: Listening | None = None) -> None:
        """All that takes time, before anybody waits for us. Raises ListenError."""
        self._say_prompts()
        await self.agi.bind(given)
        await self._restore_learned()
        try:
            await asyncio.wait_for(self._load_store(), STORE_PATIENCE_SECONDS)
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
        keep = [self._keep_store(), self._keep_buckets(), self._keep_learned(), self._keep_level()]
        keep += [self._purge_lists(), self.retention.run(), self._watch_lists()]
        self._keeping = [asyncio.create_task(work) for work in keep]

    def leave_keeping(self) -> None:
        """From now on another daemon keeps the files, and its word on the level counts."""
        self.stopping = self.handed_over = True
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
        if self.sharing is not None:
            await self.sharing.shared.stop()
        await self.recorder.close()
        await self.store.close()
        self.watchdog.stop()
        if not self.handed_over:
            await self._save_buckets()
            await self.save_learned()

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

    def _say_prompts(self) -> None:
        """Missing prompts are found now, and not by the first suspected caller."""
        for remark in remarks(self.captcha.prompts, self.settings.config.captcha):
            level = logging.ERROR if remark.serious else logging.WARNING if remark.mend else logging.INFO
            log.log(level, "%s", remark)

    async def load_lists(self) -> int:
        """Replaces the lists in memory by those of the store. Raises StoreError or ListEntryError, changing nothing.

        One load at a time, or an older state could come last; who waits for it shares the next one."""
        self._lists_asked += 1
        mine = self._lists_asked
        async with self._lists_lock:
            if self._lists_loaded < mine:
                asked = self._lists_asked
                await self.store.look()
                version = await self.store.lists_version()  # before: what is changed meanwhile is read once more
                groups = await self.store.entry_groups()
                self.judge.lists = await asyncio.to_thread(Lists.build_groups, groups, self._clock.wall())
                self._lists_loaded, self._lists_version = asked, version
        return len(self.judge.lists)

    async def _load_store(self) -> None:
        try:
            await self.store.open()
            await self.levels.restore()
            await self.load_lists()
            self.numbers_remark = await remark_on_numbers(self.store.opened, self.plan.pseudonyms, self._clock.wall())
            self.passes.restore(await self.store.passes())
            self.judge.memory.callers.restore(await self.store.callers(self.settings.config.callers.capacity))
        except AgiScreenError as error:
            await self._peek_lists()
            with_what = "with the lists as they are, WITHOUT passes" if self.listed else "WITHOUT lists and passes"
            log.critical("calls are taken %s, records wait in memory: %s", with_what, error)
        else:
            self.loaded = self.listed = True
            self.recorder.retry()

    async def _peek_lists(self) -> None:
        """Of a disk that is full or read-only the lists can be read even so."""
        place = self.settings.place
        if self.listed or not isinstance(place, Path):
            return
        with suppress(AgiScreenError):
            groups = await asyncio.to_thread(peek_groups, place)
            self.judge.lists = await asyncio.to_thread(Lists.build_groups, groups, self._clock.wall())
            self.listed = True

    async def _keep_store(self) -> None:
        """Loads a store that was broken at the start as soon as it is not, and begins a damaged one afresh."""
        while True:
            await asyncio.sleep(STORE_RETRY_SECONDS)
            if not self.loaded:
                await self._load_store()
            await self._look_at_store()

    async def _look_at_store(self) -> None:
        before = self.store.problem
        try:
            await self.store.look()
            if await self.store.renew():
                await self.load_lists()
            if before and not self.store.problem:
                self.recorder.retry()
        except AgiScreenError as error:
            log.critical("records wait in memory, the lists in force stay as they are: %s", error)

    async def _restore_buckets(self) -> None:
        buckets, path = self.judge.meters.buckets, self.settings.buckets
        try:
            if buckets is not None:
                await asyncio.to_thread(restore, buckets, path, self._clock, self.judge.meters.label)
        except (SnapshotError, OSError) as error:
            log.warning("callers' rates start from nothing: %s: %s", path, error)

    async def _keep_buckets(self) -> None:
        while True:
            await asyncio.sleep(self.settings.config.limiter.save_every)
            await self._save_buckets()

    async def _save_buckets(self) -> None:
        buckets, path = self.judge.meters.buckets, self.settings.buckets
        try:
            async with self.saving:
                if buckets is None or self.handed_over:
                    return
                await save(buckets, path, self._clock, self.judge.meters.label)
        except OSError as error:
            log.warning("callers' rates are not kept for a restart: %s: %s", path, error)

    async def _restore_learned(self) -> None:
        try:
            kept = await asyncio.to_thread(load_learned, self.settings.learned)
        except (LearnedError, OSError) as error:
            log.warning("what is usual is learned anew: %s", error)
            return
        self.judge.take_over(kept or {})
        level = (kept or {}).get("level")
        if isinstance(level, dict):
            self.judge.memory.level.take_over(level, self._clock.ticks(), self._clock.wall())

    async def _keep_learned(self) -> None:
        while True:
            await asyncio.sleep(LEARNED_SECONDS)
            await self.save_learned()

    def learned(self) -> dict[str, Any]:
        """What is usual, and the attack level."""
        return {**self.judge.keep(), "level": self.judge.memory.level.keep(self._clock.ticks(), self._clock.wall())}

    async def save_learned(self) -> None:
        try:
            await asyncio.to_thread(write_learned, self.learned(), self.settings.learned)
        except OSError as error:
            log.warning("what was learned is not kept for a restart: %s: %s", self.settings.learned, error)

    async def _keep_level(self) -> None:
        """An attack that ended in silence ends here too."""
        while True:
            await asyncio.sleep(LEVEL_SECONDS)
            self.judge.memory.quiet(self._clock.ticks(), self._clock.wall())

    async def _purge_lists(self) -> None:
        """Entries that expired a week ago are shown to nobody any more."""
        while True:
            await asyncio.sleep(PURGE_SECONDS)
            try:
                gone = await self.store.purge_entries()
            except StoreError as error:
                log.warning("expired list entries stay for now: %s", error)
            else:
                log.info("expired list entries forgotten: %d", gone)

    async def _watch_lists(self) -> None:
        """What other daemons changed in a database that is shared."""
        while True:
            await asyncio.sleep(LISTS_SECONDS)
            try:
                if self.store.shared and self.loaded and await self.store.lists_version() != self._lists_version:
                    log.info("lists changed elsewhere: %d entries", await self.load_lists())
            except AgiScreenError as error:
                log.debug("the lists stay as they are: %s", error)  # the recorder tells of a broken store

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

    def _clock_set(self, seconds: float) -> None:
        """Set back, entries that had expired hold again: those that a reload has left out meanwhile too."""
        if seconds < 0 and self.loaded:
            self._relisting = asyncio.create_task(self._lists_again())

    async def _lists_again(self) -> None:
        try:
            await self.load_lists()
        except AgiScreenError as error:
            log.error("lists are those of before the clock was set: %s", error)

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
