"""What a bucket holds and how fast it fills, and what a table of buckets says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from agi_screen.base.errors import AgiScreenError

LONGEST_NS = 1 << 62  # 146 years: beyond it a time would not fit into 64 bits


class SnapshotError(AgiScreenError):
    """A snapshot of buckets cannot be used, or cannot be taken now; the table is as it was."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One token comes back every `interval_ns`; a full bucket holds `burst`; it goes to `overdraft` below zero."""

    interval_ns: int
    burst: int
    overdraft: int = 0

    def __post_init__(self) -> None:
        for field, least in (("interval_ns", 1), ("burst", 1), ("overdraft", 0)):
            value: object = getattr(self, field)
            if type(value) is not int or value < least:
                raise ValueError(f"{field} = {value!r}: give a whole number from {least} on")
        if self.cap_ns >= LONGEST_NS:
            raise ValueError(
                f"interval_ns = {self.interval_ns} with burst + overdraft = {self.burst + self.overdraft}: "
                "the bucket would take over 146 years to fill; lower one of them"
            )

    @property
    def cap_ns(self) -> int:
        """The time to fill a bucket from its deepest overdraft."""
        return self.interval_ns * (self.burst + self.overdraft)

    def law(self) -> tuple[int, int, int]:
        """Interval, burst and cap, all in ns, as the table takes them."""
        return self.interval_ns, self.interval_ns * self.burst, self.cap_ns


@dataclass(frozen=True, slots=True)
class BucketStats:
    """`used` is exact up to 32,768 keys of capacity; beyond, it is reckoned from 8,192 lines (within about 1 %)."""

    capacity: int
    slots: int
    used: int
    evicted: int  # buckets given up for another, not being full, since the start
    moves: int  # buckets moved to their second line to make room
    bytes: int
    compiled: bool
