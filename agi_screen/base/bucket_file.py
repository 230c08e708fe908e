"""The buckets' file beside the database: who hammered before a restart is still known after it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import BinaryIO

from agi_screen.base.buckets import Buckets
from agi_screen.base.clock import Clock

NANOSECONDS = 1_000_000_000


def _wall_ns(clock: Clock) -> int:
    return round(clock.wall() * NANOSECONDS)


def restore(buckets: Buckets, path: Path, clock: Clock, label: str) -> bool:
    """Takes over what was kept; False where nothing was. Raises SnapshotError or OSError, and then stays empty."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        buckets.restore(file, clock.ticks(), wall_ns=_wall_ns(clock), label=label)
    return True


async def save(buckets: Buckets, path: Path, clock: Clock, label: str) -> None:
    """Replaces the file whole. Calls go on between the pieces, and the disk is written in a thread. Raises OSError."""
    new = path.with_name(path.name + ".new")
    file = await asyncio.to_thread(_open_private, new)
    try:
        for piece in buckets.snapshot(clock.ticks(), wall_ns=_wall_ns(clock), label=label):
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(_put_in_place, file, new, path)
    finally:
        file.close()


def _open_private(path: Path) -> BinaryIO:
    """The file holds the table's secret seed: only the daemon's user reads it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _put_in_place(file: BinaryIO, new: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    new.replace(path)
