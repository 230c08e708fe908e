"""The story: all roles call at once, each as it does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from scripts.demo_.board import Board
from scripts.demo_.cast import Keys, Part
from scripts.demo_.keyboard import answer, open_handset
from scripts.demo_.sipp import calls
from scripts.demo_.stage import Stage
from tests.asterisk.rtp import pause
from tests.asterisk.until import until

LOOK_SECONDS = 0.25
SETTLE_SECONDS = 5.0


async def play(stage: Stage, board: Board, show: Callable[[], None]) -> None:
    """Returns when every call is over and has been reported."""
    async with looking(board, show):
        async with asyncio.TaskGroup() as group:
            for row in board.rows.values():
                group.create_task(act(row.part, stage, board))
        with contextlib.suppress(AssertionError):  # what is missing then, the checks say
            await until(lambda: all(row.calls >= row.part.calls for row in board.rows.values()), SETTLE_SECONDS)
    board.look_at_desk()
    show()


async def act(part: Part, stage: Stage, board: Board) -> None:
    """One role from its first call to its last."""
    handset = await open_handset()
    fingers = asyncio.create_task(answer(part, stage.ear, handset, board)) if part.keys is not Keys.HANGS_UP else None
    try:
        trouble = await calls(part, stage.daemon.folder, stage.lab.ports.sip, handset.port)
    finally:
        if fingers is not None:
            fingers.cancel()
        handset.close()
    row = board.rows[part.name]
    row.trouble, row.over = trouble, True


@contextlib.asynccontextmanager
async def looking(board: Board, show: Callable[[], None]) -> AsyncIterator[None]:
    """Keeps the picture fresh meanwhile."""

    async def look() -> None:
        while True:
            board.look_at_desk()
            show()
            await pause(LOOK_SECONDS)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
