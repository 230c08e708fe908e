"""Token buckets for any kinds of key in one table of fixed size; the one place that chooses compiled or pure Python."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from agi_screen.base.bucket_limits import BucketStats, Limit, SnapshotError
from agi_screen.base.bucket_snapshot import read_snapshot, write_snapshot
from agi_screen.base.pure import PURE

if PURE:
    from agi_screen.base._bucket_py import BucketTable
else:
    try:
        from agi_screen.base._bucket import BucketTable
    except ImportError:
        from agi_screen.base._bucket_py import BucketTable

__all__ = ["BucketStats", "Buckets", "Limit", "SnapshotError"]

WAYS = 5  # buckets in a line
KEYS_A_LINE = 4  # at full capacity: 80 % load, 16 bytes a key
SPARE_LINES = 8  # chance is coarse in a tiny table


class Buckets(BucketTable):
    """GCRA token buckets. `level` is what a bucket lacks of being full, in tokens; 0 is the same as no bucket.

    `level = min(max(0, tat - now) / interval, burst + overdraft)`; `take` gives `burst - (level + cost)` and leaves
    `min(level + cost, burst + overdraft)`. Whole nanoseconds throughout, so the sign of a result is exact.
    `now` is the greatest ever given (and 0 to 2**62): while a clock is behind, time stands still for the table, so
    no step forgives anything twice. New limits keep each debt in time, up to what they allow.

    Inherited: take, take_all, take_batch, hash_key, peek, lift. Two keys share a bucket with odds of 1 in 430 million a
    look (32-bit tags in ten places). All methods may be called from any thread.
    """

    __slots__ = ("_limits", "capacity")

    def __init__(self, capacity: int, limits: Sequence[Limit], *, seed: bytes | None = None) -> None:
        if capacity < 1:
            raise ValueError(f"capacity = {capacity}: give the number of callers and other keys to remember, 1 or more")
        self.capacity = capacity
        self._limits = tuple(limits)
        super().__init__(_lines(capacity), [limit.law() for limit in limits], os.urandom(16) if seed is None else seed)

    def set_limits(self, limits: Sequence[Limit]) -> None:
        """Replaces all limits (configuration reload); the buckets stay."""
        self.put_laws([limit.law() for limit in limits])
        self._limits = tuple(limits)

    def snapshot(self, now_ns: int, *, wall_ns: int = 0, label: str = "") -> Iterator[bytes]:
        """Pieces of a file, each made in well under 5 ms; calls go on in between. `label` names the order of kinds."""
        return write_snapshot(self, _lines(self.capacity), now_ns, wall_ns, label)

    def restore(self, file: BinaryIO, now_ns: int, *, wall_ns: int = 0, label: str = "") -> None:
        """Takes over a snapshot, aged by the wall clock's difference. SnapshotError: nothing has changed."""
        found = read_snapshot(file, _lines(self.capacity), label)
        elapsed = max(0, wall_ns - found.wall_ns) if found.wall_ns and wall_ns else 0
        fresh = type(self)(self.capacity, self._limits, seed=found.seed)
        for piece in found.pieces:
            if not fresh.load(piece, now_ns, elapsed):
                raise SnapshotError("the snapshot is damaged: it holds a bucket that cannot be")
        self.adopt(fresh)

    def stats(self, now_ns: int = 0) -> BucketStats:
        """What the table holds at this time, or at the latest it was given."""
        live, looked, evicted, moves, size = self.counts(now_ns)
        lines = _lines(self.capacity)
        compiled = BucketTable.__module__.endswith("._bucket")
        return BucketStats(self.capacity, lines * WAYS, live * lines // looked, evicted, moves, size, compiled)


def _lines(capacity: int) -> int:
    return -(-capacity // KEYS_A_LINE) + SPARE_LINES
