"""Runs reports one after the other, each as the command itself, at the lowest claim to the processor."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import web

from agi_screen.base.text import one_line
from agi_screen.web.office import Office
from agi_screen.web.reports.shelf import MOST_KEPT, PAGE, Kind, Report, Shelf, ended, progress_of
from agi_screen.web.route import ApiError

log = logging.getLogger("agi_screen.web")

MOST_WAITING = 3
LOOK_SECONDS = 3600.0
NICE = 10
PATIENCE_SECONDS = 5.0  # for a process that was told to end
SECRET_PREFIX = "AGI_SCREEN_"  # noqa: S105 - the variables' names; no report needs another than these
NEEDED = ("AGI_SCREEN_CACHE", "AGI_SCREEN_NUMBER_KEY", "AGI_SCREEN_STORE_PASSWORD")


class Reports:
    """All reports of this desk. State is in memory and, for the next start, on the disk."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.shelf = Shelf(office.report_files.folder)
        self.scenarios: dict[str, str] = {}  # titles by name
        self._known: dict[str, Report] = {}
        self._queue: deque[tuple[str, tuple[str, ...]]] = deque()
        self._running: tuple[str, asyncio.subprocess.Process] | None = None
        self._cancelled: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._known = {report.id: report for report in await asyncio.to_thread(self.shelf.load)}
        self.scenarios = dict(await asyncio.to_thread(self._office.report_files.scenarios))
        self._keeping = asyncio.create_task(self._keep(), name="reports kept")

    async def stop(self) -> None:
        """Ends the one under way; what waits has failed at the next start."""
        self._queue.clear()
        if self._keeping is not None:
            self._keeping.cancel()
        if self._running is not None:
            _signal(self._running[1], signal.SIGKILL)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def all(self) -> list[Report]:
        """Newest first."""
        return sorted(self._known.values(), key=lambda report: -report.asked)

    def one(self, ident: str) -> Report:
        """Raises ApiError."""
        if ident not in self._known:
            raise ApiError(404, "id", ident, "there is no such report")
        return self._known[ident]

    def check_room(self) -> None:
        """Raises ApiError when too many wait."""
        if len(self._queue) >= MOST_WAITING:
            raise ApiError(429, "reports", "", f"{MOST_WAITING} reports wait already", retry_after=30)

    async def add(self, kind: Kind, what: str, who: str, arguments: Sequence[str], *, masked: bool) -> Report:
        """A new report, which waits for its turn. `arguments` are those of the command, without --output."""
        self.check_room()
        ident = secrets.token_hex(6)
        asked = self._office.clock.wall()
        report = Report(id=ident, kind=kind, what=what, who=who, asked=asked, masked=masked)
        self._known[ident] = report
        self._queue.append((ident, tuple(arguments)))
        if not await self._kept(report):
            self._queue = deque(item for item in self._queue if item[0] != ident)
            del self._known[ident]
            raise ApiError(503, "disk", str(self.shelf.place(ident).parent), "cannot be written")
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="reports")
        return report

    async def cancel(self, ident: str) -> None:
        """One that waits or runs; others stay as they are."""
        self._cancelled.add(ident)
        waiting = [item for item in self._queue if item[0] == ident]
        for item in waiting:
            self._queue.remove(item)
            await self._end(ident, "cancelled")
        if self._running is not None and self._running[0] == ident:
            process = self._running[1]
            _signal(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
            except TimeoutError:
                _signal(process, signal.SIGKILL)

    async def remove(self, ident: str) -> None:
        """A report with all its files."""
        await self.cancel(ident)
        self._known.pop(ident, None)
        await asyncio.to_thread(self.shelf.remove, ident)

    async def _keep(self) -> None:
        """Old ones go, also where no new one is made."""
        while True:
            await self._forget_old()
            await asyncio.sleep(LOOK_SECONDS)

    async def _work(self) -> None:
        while self._queue:
            ident, arguments = self._queue.popleft()
            try:
                await self._run(ident, arguments)
            except OSError as error:
                await self._end(ident, "failed", f"cannot be started: {error}")
            except Exception:  # boundary: a fault in one report must not stop those behind it
                log.exception("a fault in report %s", ident)
                await self._end(ident, "failed", "a fault of agi-screen: its log says more")
            self._cancelled.discard(ident)
            await self._forget_old()

    async def _run(self, ident: str, arguments: tuple[str, ...]) -> None:
        began = {"state": "running", "began": self._office.clock.wall()}
        self._known[ident] = self._known[ident].model_copy(update=began)
        await self._kept(self._known[ident])
        place = self.shelf.place(ident)
        command = [sys.executable, "-m", "agi_screen", *arguments, "--progress", "json", "--output", str(place)]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={k: v for k, v in os.environ.items() if not k.startswith(SECRET_PREFIX) or k in NEEDED},
            start_new_session=True,
        )
        self._running = (ident, process)
        try:
            with suppress(OSError):
                os.setpriority(os.PRIO_PGRP, process.pid, NICE)
            said = await self._listen(ident, process)
            code = await process.wait()
        finally:
            _signal(process, signal.SIGKILL)  # nothing where it has ended; a daemon that stops leaves none behind
            self._running = None
        await self._finish(ident, code, said)

    async def _listen(self, ident: str, process: asyncio.subprocess.Process) -> str:
        """Follows the progress; returns the last lines that were none."""
        lines: deque[str] = deque(maxlen=6)
        while process.stderr is not None:
            try:
                line = await process.stderr.readline()
            except ValueError:  # a line longer than the buffer: passed over
                continue
            if not line:
                break
            step = progress_of(line)
            if step is None:
                lines.append(one_line(line.decode("utf-8", "replace").rstrip()))
            elif ident in self._known:
                update = {"done": step[0], "total": step[1]}
                self._known[ident] = self._known[ident].model_copy(update=update)
        return "\n".join(lines)

    async def _finish(self, ident: str, code: int, said: str) -> None:
        if ident in self._cancelled:
            await self._end(ident, "cancelled")
        elif code or not await asyncio.to_thread((self.shelf.place(ident) / PAGE).is_file):
            await self._end(ident, "failed", said or f"the command ended with {code}")
        else:
            await asyncio.to_thread(self.shelf.pack, self._known[ident])
            await self._end(ident, "done")

    async def _end(self, ident: str, state: str, error: str = "") -> None:
        if ident not in self._known:  # deleted meanwhile
            await asyncio.to_thread(self.shelf.remove, ident)
            return
        self._known[ident] = ended(self._known[ident], state, self._office.clock.wall(), error)  # type: ignore[arg-type]
        await self._kept(self._known[ident])

    async def _kept(self, report: Report) -> bool:
        try:
            await asyncio.to_thread(self.shelf.keep, report)
        except OSError as error:
            log.warning("report %s is not kept for a restart: %s", report.id, error)
            return False
        return True

    async def _forget_old(self) -> None:
        kept = self._office.report_files.keep
        now = self._office.clock.wall()
        for report in [one for one in self.all() if kept and one.over and one.ended < now - kept]:
            await self.remove(report.id)
        over = [report for report in self.all() if report.over]
        for report in over[MOST_KEPT:]:
            await self.remove(report.id)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """To it and to all that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


REPORTS = web.AppKey("reports", Reports)


def add_reports(app: web.Application, office: Office) -> None:
    """The reports of a desk, and what else must end with it."""
    reports = Reports(office)
    app[REPORTS] = reports

    async def start(_: web.Application) -> None:
        await reports.start()

    async def stop(_: web.Application) -> None:
        await reports.stop()
        await office.tuning.close()

    app.on_startup.append(start)
    app.on_cleanup.append(stop)
