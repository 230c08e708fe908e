"""Who calls most lately: summaries after Misra and Gries, of a fixed size, that never hide a frequent one.

Several calls are taken at a time (summaries can be merged: Agarwal and others, 2012), which costs a third of a call
by call sketch. A count may fall short by at most calls / (size + 1), and never says too much. What is old goes by the
slice, so that a figure is a number of calls and not a faded weight.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from heapq import nlargest
from operator import itemgetter

ROOM = 4


class Frequent:
    """Counts of at most `ROOM` times `size` keys between trims, and a batch; `size` after one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.counts: Counter[str] = Counter()
        self.stopped: Counter[str] = Counter()
        self.short = 0  # at most so much is missing of any count

    def add(self, keys: Iterable[str], stopped: Iterable[str]) -> None:
        """`stopped`: those of the keys that did not get through."""
        self.counts.update(keys)
        self.stopped.update(stopped)
        self.counts.pop("", None)  # a call that has no such thing
        if len(self.counts) > ROOM * self._size:
            self._trim()

    def _trim(self) -> None:
        """Takes the first that does not fit off all, so that those above it stay in order."""
        off = sorted(self.counts.values())[-self._size - 1]
        self.short += off
        self.counts = Counter({key: count - off for key, count in self.counts.items() if count > off})
        self.stopped = Counter({key: min(n, self.counts[key]) for key, n in self.stopped.items() if key in self.counts})


class Top:
    """The most frequent keys of the last `slices` slices of time; the newest slice is still filling."""

    def __init__(self, size: int = 200, slices: int = 5) -> None:
        self._size = size
        self._slices: deque[Frequent] = deque([Frequent(size)], maxlen=slices)
        self._slice = -1
        self._closed: list[Counter[str]] = [Counter(), Counter()]

    def turn(self, number: int) -> None:
        """Time has come to the slice of this number."""
        if number == self._slice:
            return
        for _ in range(min(number - self._slice, self._slices.maxlen or 0) if self._slice >= 0 else 0):
            self._slices.append(Frequent(self._size))
        self._slice = number
        self._closed = [Counter(), Counter()]
        for part in list(self._slices)[:-1]:
            self._closed[0].update(part.counts)
            self._closed[1].update(part.stopped)

    def add(self, keys: Iterable[str], stopped: Iterable[str]) -> None:
        self._slices[-1].add(keys, stopped)

    def forget(self, keys: Iterable[str]) -> None:
        """These stand in no list any more."""
        parts = [*self._closed, *(counter for part in self._slices for counter in (part.counts, part.stopped))]
        for key in keys:
            for counter in parts:
                counter.pop(key, None)

    @property
    def short(self) -> int:
        """At most so many calls are missing of any count."""
        return sum(part.short for part in self._slices)

    def first(self, most: int) -> list[tuple[str, int, int]]:
        """Key, calls, and how many of them did not get through."""
        calls = dict(self._closed[0])
        for key, count in self._slices[-1].counts.items():  # Counter's own sum takes five times as long
            calls[key] = calls.get(key, 0) + count
        stopped, newer = self._closed[1], self._slices[-1].stopped
        found = nlargest(most, calls.items(), key=itemgetter(1))
        return [(key, count, stopped[key] + newer[key]) for key, count in found]
