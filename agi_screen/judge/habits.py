"""What a trunk's calls are usually like, as shares learned hour by hour; so an attack of one day does not teach it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

HOUR = 3600.0
LEAST_CALLS = 20  # an hour with fewer lasts on until it has them
MEMORY_HOURS = 48  # each hour counts the same, whether fifty calls came in it or fifty thousand
CERTAIN_HOURS = 3  # before that nothing is said
MOST_HOURS = 10_000_000


class Habit:
    """Of one trunk: `hours` learned, the share of calls of each kind, and the hour under way."""

    __slots__ = ("_calls", "_seen", "_until", "hours", "shares")

    def __init__(self, shares: tuple[float, ...], hours: int = 0) -> None:
        self.hours = hours
        self.shares = shares
        self._seen = [0] * len(shares)
        self._calls = 0
        self._until = 0.0

    def count(self, kinds: Iterable[int], now: float) -> None:
        """One call, and the kinds it is of; `now` in seconds since 1970 UTC."""
        if now >= self._until:
            self._end_hour(now)
        self._calls += 1
        for kind in kinds:
            self._seen[kind] += 1

    def _end_hour(self, now: float) -> None:
        if 0 < self._calls < LEAST_CALLS:
            return
        if self._calls:
            part = max(1 / MEMORY_HOURS, 1 / (self.hours + 1))
            both = zip(self.shares, self._seen, strict=True)
            self.shares = tuple(old + part * (seen / self._calls - old) for old, seen in both)
            self.hours += 1
        self._seen = [0] * len(self.shares)
        self._calls = 0
        self._until = now + HOUR


class Habits:
    """The habits of at most so many trunks; where there are more, the one least known makes room."""

    def __init__(self, unknown: tuple[float, ...], capacity: int = 256) -> None:
        self._unknown = unknown
        self._capacity = capacity
        self._trunks: dict[str, Habit] = {}

    def __len__(self) -> int:
        return len(self._trunks)

    def count(self, trunk: str, kinds: Iterable[int], now: float) -> None:
        """One call of that trunk."""
        habit = self._trunks.get(trunk)
        if habit is None:
            habit = self._new(trunk)
        habit.count(kinds, now)

    def shares(self, trunk: str) -> tuple[float, ...]:
        """The usual share of calls of each kind; what was given as `unknown` where too little is known."""
        habit = self._trunks.get(trunk)
        return habit.shares if habit is not None and habit.hours >= CERTAIN_HOURS else self._unknown

    def keep(self) -> dict[str, list[float]]:
        """By trunk: hours learned, then the shares. The hour under way is let go."""
        return {trunk: [habit.hours, *habit.shares] for trunk, habit in self._trunks.items() if habit.hours}

    def take_over(self, kept: Any) -> None:
        """What `keep` gave, perhaps from a file: what does not look like it is passed over."""
        if not isinstance(kept, Mapping):
            return
        for trunk, values in islice(kept.items(), self._capacity):
            if isinstance(trunk, str) and self._well_formed(values):
                self._trunks[trunk] = Habit(tuple(map(float, values[1:])), int(values[0]))

    def _new(self, trunk: str) -> Habit:
        if len(self._trunks) >= self._capacity:
            del self._trunks[min(self._trunks, key=lambda name: self._trunks[name].hours)]
        habit = self._trunks[trunk] = Habit((0.0,) * len(self._unknown))
        return habit

    def _well_formed(self, values: Any) -> bool:
        if not isinstance(values, list) or len(values) != len(self._unknown) + 1:
            return False
        numbers = all(isinstance(value, int | float) and 0 <= value < MOST_HOURS for value in values)
        return numbers and max(values[1:]) <= 1
