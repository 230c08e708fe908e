"""What a trunk's calls are usually like, as shares learned hour by hour; so an attack of one day does not teach it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

HOUR = 3600.0
LEAST_CALLS = 20  # an hour with fewer lasts on until it has them
MEMORY_HOURS = 48  # each hour counts the same, whether fifty calls came in it or fifty thousand
CERTAIN_HOURS = 3  # before that nothing is said


class Habit:
    """Of one trunk: `hours` learned, the share of calls of each kind, and the hour under way."""

    __slots__ = ("_calls", "_seen", "_until", "hours", "shares")

    def __init__(self, shares: list[float], hours: int = 0) -> None:
        self.hours = hours
        self.shares = shares
        self._seen = [0] * len(shares)
        self._calls = 0
        self._until = 0.0

    def count(self, marks: Sequence[bool], now: float) -> None:
        """One call, with what is true of it; `now` in seconds since 1970 UTC."""
        if now >= self._until:
            self._end_hour(now)
        self._calls += 1
        for place, mark in enumerate(marks):
            if mark:
                self._seen[place] += 1

    def share(self, place: int) -> float | None:
        """0 to 1; None while too little is known."""
        return self.shares[place] if self.hours >= CERTAIN_HOURS else None

    def _end_hour(self, now: float) -> None:
        if 0 < self._calls < LEAST_CALLS:
            return
        if self._calls:
            part = max(1 / MEMORY_HOURS, 1 / (self.hours + 1))
            now_shares = (seen / self._calls for seen in self._seen)
            self.shares = [old + part * (new - old) for old, new in zip(self.shares, now_shares, strict=True)]
            self.hours += 1
        self._seen = [0] * len(self.shares)
        self._calls = 0
        self._until = now + HOUR


class Habits:
    """The habits of at most so many trunks; the one not heard of for longest goes first."""

    def __init__(self, kinds: int, capacity: int = 256) -> None:
        self._kinds = kinds
        self._capacity = capacity
        self._trunks: OrderedDict[str, Habit] = OrderedDict()

    def __len__(self) -> int:
        return len(self._trunks)

    def count(self, trunk: str, marks: Sequence[bool], now: float) -> None:
        """One call of that trunk."""
        habit = self._trunks.get(trunk)
        if habit is None:
            if len(self._trunks) >= self._capacity:
                self._trunks.popitem(last=False)
            habit = self._trunks[trunk] = Habit([0.0] * self._kinds)
        else:
            self._trunks.move_to_end(trunk)
        habit.count(marks, now)

    def share(self, trunk: str, kind: int) -> float | None:
        """The usual share of calls of that kind; None of a trunk of which too little is known."""
        habit = self._trunks.get(trunk)
        return habit.share(kind) if habit is not None else None

    def keep(self) -> dict[str, list[float]]:
        """By trunk: hours learned, then the shares. The hour under way is let go."""
        return {trunk: [habit.hours, *habit.shares] for trunk, habit in self._trunks.items() if habit.hours}

    def take_over(self, kept: Any) -> None:
        """What `keep` gave, perhaps from a file: what does not look like it is passed over."""
        if not isinstance(kept, Mapping):
            return
        for trunk, values in islice(kept.items(), self._capacity):
            if isinstance(trunk, str) and self._well_formed(values):
                hours, *shares = values
                self._trunks[trunk] = Habit([float(share) for share in shares], int(hours))

    def _well_formed(self, values: Any) -> bool:
        if not isinstance(values, list) or len(values) != self._kinds + 1:
            return False
        numbers = all(isinstance(value, int | float) and value >= 0 for value in values)
        return numbers and values[0] < 1e9 and max(values[1:]) <= 1
