"""What waits to be written: bounded, in order, the oldest lost first and counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Spool(Generic[T]):
    """Appends cost the same whatever waits. A batch taken out still counts until it is `done` or put back."""

    def __init__(self, backlog: int) -> None:
        self._backlog = backlog
        self._waiting: deque[T] = deque()
        self._taken: list[T] = []
        self.lost = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._taken)

    def append(self, item: T) -> None:
        """Keeps `item`, if need be at the cost of the oldest that waits."""
        self._waiting.append(item)
        if len(self._waiting) + len(self._taken) > self._backlog:
            self._trim()

    def extend(self, items: Iterable[T]) -> None:
        """The same for several."""
        self._waiting.extend(items)
        self._trim()

    def take(self, most: int) -> list[T]:
        """The next batch, oldest first."""
        count = min(most, len(self._waiting))
        self._taken = [self._waiting.popleft() for _ in range(count)]
        return self._taken

    def done(self) -> None:
        """The batch is written."""
        self._taken = []

    def put_back(self) -> None:
        """The batch is not written: it waits again, before all that came since."""
        self._waiting.extendleft(reversed(self._taken))
        self._taken = []
        self._trim()

    def drop(self, unwanted: Callable[[T], bool]) -> int:
        """Takes out what is not to be written any more; returns how much. A batch that is taken is left alone."""
        before = len(self._waiting)
        self._waiting = deque(item for item in self._waiting if not unwanted(item))
        return before - len(self._waiting)

    def _trim(self) -> None:
        over = len(self) - self._backlog
        for _ in range(min(over, len(self._waiting))):
            self._waiting.popleft()
            self.lost += 1
