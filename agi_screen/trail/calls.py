"""Records written behind: a call leaves its row and its line; a task brings batches to the store and the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from agi_screen.base.clock import Clock
from agi_screen.base.errors import StoreError
from agi_screen.base.records import CallEnd, CallerRecord, CallRecord, Feedback, Pass
from agi_screen.base.store_calls import CALL_COLUMNS, CallRow, call_row
from agi_screen.trail import call_line
from agi_screen.trail.spool import Spool

T = TypeVar("T")
log = logging.getLogger("agi_screen.store")

CALLER, CALLER_RAW = CALL_COLUMNS.index("caller"), CALL_COLUMNS.index("caller_raw")
BATCH = 5_000  # rows of one transaction; so many waiting are not left to the timer
LONGEST_RETRY_SECONDS = 30.0


class RecordStore(Protocol):
    """What of the store the trail needs."""

    async def save_rows(self, rows: Sequence[CallRow]) -> None: ...
    async def save_ends(self, ends: Sequence[CallEnd]) -> None: ...
    async def save_passes(self, passes: Sequence[Pass]) -> None: ...
    async def save_callers(self, callers: Sequence[CallerRecord]) -> None: ...
    async def save_feedback(self, feedback: Feedback) -> None: ...


@dataclass(slots=True)
class Counters:
    """Since the start. `lost` were pushed out of a full spool while the store was broken."""

    written: int = 0
    failures: int = 0
    lost: int = 0


class Recorder:
    """`record`, `ended` and `passes` never wait; the rest happens in a task of its own."""

    def __init__(self, store: RecordStore, clock: Clock, *, flush_seconds: float, backlog: int) -> None:
        self._store = store
        self._clock = clock
        self._flush_seconds = flush_seconds
        self._calls: Spool[CallRow] = Spool(backlog)
        self._ends: Spool[CallEnd] = Spool(backlog)
        self._passes: Spool[Pass] = Spool(backlog)
        self._callers: Spool[CallerRecord] = Spool(backlog)
        self._feedback: Spool[Feedback] = Spool(backlog)
        self._lines: Spool[str] = Spool(backlog)
        self.news: list[Pass] | None = None  # passes told since a hand-over began
        self._since_round = 0
        self._counters = Counters()
        self._error = ""
        self._retry_at = 0
        self._retry_seconds = 0.0
        self._wake = asyncio.Event()
        self._closing = False
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to write; what was recorded before waits in memory."""
        self._task = asyncio.create_task(self._run(), name="agi-screen recorder")

    @property
    def state(self) -> str:
        """`ok`, or `behind: ` and why."""
        return f"behind: {self._error}" if self._error else "ok"

    @property
    def counters(self) -> Counters:
        """As of now."""
        lost = sum(spool.lost for spool in self._spools)
        return Counters(self._counters.written, self._counters.failures, lost)

    @property
    def _spools(
        self,
    ) -> tuple[Spool[CallRow], Spool[CallEnd], Spool[Pass], Spool[CallerRecord], Spool[Feedback]]:
        return self._calls, self._ends, self._passes, self._callers, self._feedback

    @property
    def waiting(self) -> int:
        """Records not written yet."""
        return sum(len(spool) for spool in self._spools)

    def record(self, record: CallRecord) -> None:
        """A decided call. Its row and line are made here, after its answer: made by the thousand in a thread, they
        hold the interpreter while calls wait for it."""
        self._calls.append(call_row(record))
        if call_line.log.isEnabledFor(logging.INFO):
            self._lines.append(call_line.call_line(record))
        self._since_round += 1
        if self._since_round == BATCH:
            self._wake.set()

    def ended(self, end: CallEnd) -> None:
        """The end of a call."""
        self._ends.append(end)

    def passes(self, passes: Sequence[Pass]) -> None:
        """Passes that changed."""
        self._passes.extend(passes)
        if self.news is not None:
            self.news.extend(passes)

    def callers(self, callers: Sequence[CallerRecord]) -> None:
        """Callers of whom more is known; the last word on each counts."""
        self._callers.extend(callers)

    def feedback(self, feedback: Feedback) -> None:
        """An operator's word on a call."""
        self._feedback.append(feedback)

    def forget(self, names: Collection[str]) -> int:
        """Takes a caller out of what waits while the store is broken; returns how much."""
        gone = self._calls.drop(lambda row: row[CALLER] in names or row[CALLER_RAW] in names)
        gone += self._passes.drop(lambda held: held.caller in names)
        gone += self._callers.drop(lambda known: known.caller in names)
        return gone + self._feedback.drop(lambda mark: mark.caller in names)

    def retry(self) -> None:
        """The store is back: what waits is written with the next round."""
        self._retry_at = 0

    async def close(self) -> None:
        """Writes what waits, and ends the task. What the store does not take now is counted and told."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        self._retry_at = 0
        await self.flush()
        if self.waiting:
            log.error("%d records are lost at shutdown: %s", self.waiting, self._error)

    async def flush(self) -> None:
        """One round: log lines always, the store unless it is being left alone after a failure."""
        async with self._flushing:
            self._since_round = 0
            await self._log_lines()
            if self._clock.ticks() >= self._retry_at:
                await self._write()

    async def _run(self) -> None:
        while not self._closing:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._flush_seconds)
            self._wake.clear()
            await self.flush()

    async def _log_lines(self) -> None:
        # In a thread: a handler may block on a full pipe or a slow disk.
        while lines := self._lines.take(BATCH):
            await asyncio.to_thread(call_line.log_lines, lines)
            self._lines.done()
            if len(lines) < BATCH:
                break

    async def _write(self) -> None:
        try:
            await self._drain(self._calls, self._store.save_rows)
            await self._drain(self._ends, self._store.save_ends)
            await self._drain(self._passes, self._store.save_passes)
            await self._drain(self._callers, self._store.save_callers)
            await self._drain(self._feedback, self._save_feedback)
        except StoreError as error:
            self._broken(str(error))
        else:
            self._mended()

    async def _drain(self, spool: Spool[T], save: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        # What comes meanwhile waits for the next round: written at once, it would be a few calls a batch without end.
        while batch := spool.take(BATCH):
            try:
                await save(batch)
            except BaseException:  # whatever it was, cancelled too: the batch is not known to be written
                spool.put_back()
                raise
            spool.done()
            self._counters.written += len(batch)
            if len(batch) < BATCH:
                break

    async def _save_feedback(self, feedback: Sequence[Feedback]) -> None:
        for one in feedback:
            await self._store.save_feedback(one)

    def _broken(self, error: str) -> None:
        self._counters.failures += 1
        longer = max(self._flush_seconds, self._retry_seconds * 2)
        self._retry_seconds = min(LONGEST_RETRY_SECONDS, longer)
        self._retry_at = self._clock.ticks() + round(self._retry_seconds * 1_000_000_000)
        if not self._error:
            log.warning("calls are not being written, they wait in memory: %s", error)
        self._error = error

    def _mended(self) -> None:
        if self._error:
            log.warning("calls are written again; %d were lost meanwhile", self.counters.lost)
        self._error = ""
        self._retry_at = 0
        self._retry_seconds = 0.0
