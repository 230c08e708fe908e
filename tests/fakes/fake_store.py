"""A store that can be broken and mended, and keeps what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agi_screen.base.errors import StoreError
from agi_screen.base.records import CallEnd, CallerRecord, Feedback, Pass
from agi_screen.base.store_calls import CallRow


class FakeStore:
    """`broken` makes every write fail; `changed` tells of each write that was tried."""

    def __init__(self) -> None:
        self.broken = ""
        self.calls: list[CallRow] = []
        self.ends: list[CallEnd] = []
        self.kept_passes: list[Pass] = []
        self.kept_callers: list[CallerRecord] = []
        self.kept_feedback: list[Feedback] = []
        self.tries = 0
        self.tried = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def _try(self) -> None:
        self.tries += 1
        self.tried.set()
        await self.gate.wait()
        if self.broken:
            raise StoreError(self.broken)

    async def save_rows(self, rows: Sequence[CallRow]) -> None:
        await self._try()
        self.calls += rows

    async def save_ends(self, ends: Sequence[CallEnd]) -> None:
        await self._try()
        self.ends += ends

    async def save_passes(self, passes: Sequence[Pass]) -> None:
        await self._try()
        self.kept_passes += passes

    async def save_callers(self, callers: Sequence[CallerRecord]) -> None:
        await self._try()
        self.kept_callers += callers

    async def save_feedback(self, feedback: Feedback) -> None:
        await self._try()
        self.kept_feedback.append(feedback)
