"""The buckets' file beside the database: who hammered before a restart is still known after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from agi_screen.base.bucket_snapshot import save_snapshot
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
    """Replaces the file whole. The table lets calls in between its pieces, and a thread writes. Raises OSError."""
    pieces = buckets.snapshot(clock.ticks(), wall_ns=_wall_ns(clock), label=label)
    await asyncio.to_thread(save_snapshot, pieces, path)
