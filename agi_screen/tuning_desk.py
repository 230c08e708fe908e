"""Starts the process that judges recorded calls again, asks it, and ends it when nobody has asked for a while."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from agi_screen.base.errors import AgiScreenError, MissingError

IDLE_SECONDS = 600.0
ANSWER_SECONDS = 60.0
WORKER = "agi_screen.what_if.tuning.worker"
MOST_BYTES = 4_194_304  # of an answer
MOST_WAITING = 8


class TuningDesk:
    """`web.office.TuningOffice`: one process, one request at a time."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._waiting = 0

    async def sample(self, who: str, since: float, until: float) -> dict[str, Any]:
        found: dict[str, Any] = await self._ask({"op": "sample", "who": who, "since": since, "until": until})
        return found

    async def tried(self, who: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await self._ask({"op": "tried", "who": who, **asked})
        return found

    async def attacks(self, until: float) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._ask({"op": "attacks", "until": until})
        return found

    async def close(self) -> None:
        """Ends the process; the next request starts another."""
        if self._idle is not None:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, request: Mapping[str, Any]) -> Any:
        if self._waiting >= MOST_WAITING:
            raise AgiScreenError("others are waiting for the same: try again in a moment")
        self._waiting += 1
        try:
            async with self._lock:
                said = await self._answered(json.dumps(request).encode() + b"\n")
        finally:
            self._waiting -= 1
        if "missing" in said:
            raise MissingError(said["missing"])
        if "error" in said:
            raise AgiScreenError(said["error"])
        return said["answer"]

    async def _answered(self, line: bytes) -> Any:
        """A process that fell ill, or whose asker went away in the middle, is ended: its answer is nobody's."""
        done = False
        try:
            process = await self._running()
            if process.stdin is None or process.stdout is None:
                raise AgiScreenError("the process for tuning has no pipes")
            process.stdin.write(line)
            async with asyncio.timeout(ANSWER_SECONDS):
                said = await process.stdout.readline()
            if not said:
                raise AgiScreenError("the process for tuning ended: its lines are in the daemon's log; try again")
            done = True
            return json.loads(said)
        except TimeoutError as error:
            raise AgiScreenError(f"no answer in {ANSWER_SECONDS:g} s: choose a shorter time") from error
        except (OSError, ValueError) as error:
            raise AgiScreenError(f"the process for tuning failed: {error}: try again") from error
        finally:
            if not done:
                await self.close()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end)
        if self._process is None or self._process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            command = (sys.executable, "-m", WORKER, str(self._config))
            self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=MOST_BYTES)
        return self._process

    def _end(self) -> None:
        """Nobody has asked for long: with the end of its input it ends, and what it held goes."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process = None
