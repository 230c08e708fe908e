"""The bucket table in pure Python, place for place the same as cext/bucket.pyx: for machines without a compiler."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import nan
from threading import Lock
from typing import Final

from agi_screen.base import _sip_py as sip

WAYS: Final = 5
KINDS: Final = 64
SEARCH: Final = 96
MOVED: Final = 65536
SAMPLE: Final = 262_144
TOP: Final = 1 << 62
_ENTRY: Final = struct.Struct("=IIq")
_LINE_BYTES: Final = WAYS * 12


def _within(number: int) -> int:
    return min(max(number.__index__(), 0), TOP)


class BucketTable:
    """Buckets of all kinds in two flat arrays. See `agi_screen.base.buckets.Buckets`, which is this and more."""

    def __init__(self, size: int, limits: Sequence[tuple[int, int, int]], seed: bytes) -> None:
        if not 0 < size < 2**31:
            raise ValueError(f"size {size}: a table has 1 to 2**31 - 1 lines")
        if len(seed) != 16:
            raise ValueError(f"seed of {len(seed)} bytes: it takes 16")
        self._size, self._seed, self._lock = size, seed, Lock()
        self._tag = array("I", bytes(4 * WAYS * size))
        self._tat = array("q", bytes(8 * WAYS * size))
        self._latest = self._crowded_until = self._evicted = self._moves = 0
        self._moved: list[int] | None = None
        self._saved_lines = 0
        self._laws: tuple[tuple[int, int, int], ...] = ()
        self._starts: tuple[sip.Sip, ...] = ()
        self.put_laws(limits)

    def put_laws(self, limits: Sequence[tuple[int, int, int]]) -> None:
        """Replaces the limits: (interval, burst, cap) each, in ns."""
        if len(limits) > KINDS:
            raise ValueError(f"{len(limits)} limits: a table takes {KINDS}")
        with self._lock:
            self._laws = tuple(limits)
            self._starts = tuple(sip.start(self._seed, kind, 1) for kind in range(len(limits)))

    def take(self, kind: int, key: str, now_ns: int, cost: int = 1) -> float:
        """Takes `cost` tokens; what is left, negative when over the limit."""
        now = _within(now_ns)
        if cost < 0:
            raise ValueError(f"cost {cost}: tokens are only taken")
        with self._lock:
            return self._take(kind, self._hash(kind, key), now, _within(cost))

    def peek(self, kind: int, key: str, now_ns: int) -> float:
        """What is left, without taking."""
        with self._lock:
            hashed = self._hash(kind, key)
            now = max(_within(now_ns), self._latest)
            interval, burst, cap = self._laws[kind]
            at = self._find(hashed & 0xFFFFFFFF, self._lines(hashed), now)
            need = 0 if at is None else min(self._tat[at] - now, cap)
            return float(burst - need) / float(interval)

    def lift(self, kind: int, key: str, now_ns: int, lacking_ns: int) -> None:
        """What others know of a bucket: it lacks at least so many ns of being full."""
        now, lacking = _within(now_ns), _within(lacking_ns)
        with self._lock:
            hashed = self._hash(kind, key)
            now = self._latest = max(now, self._latest)
            lacking = min(lacking, self._laws[kind][2])
            at = self._find(hashed & 0xFFFFFFFF, self._lines(hashed), now)
            if at is not None:
                self._tat[at] = max(self._tat[at], now + lacking)
            elif lacking > 0:
                self._store(hashed & 0xFFFFFFFF, self._lines(hashed), now, now + lacking)

    def take_all(self, keys: Sequence[str | None], now_ns: int) -> tuple[float, ...]:
        """One token from the bucket of each key; nan where the key is None."""
        names, now = tuple(keys), _within(now_ns)
        for i, name in enumerate(names):
            if type(name) is not str and name is not None:
                raise TypeError(f"key {i}: expected str or None, got {type(name).__name__}")
        with self._lock:
            if len(names) > len(self._laws):
                self._kind_of(len(names) - 1)
            return tuple(nan if k is None else self._take(i, self._hash(i, k), now, 1) for i, k in enumerate(names))

    def hash_key(self, kind: int, key: str) -> int:
        """What `take_batch` knows this key by; another seed (a restored snapshot) changes it."""
        with self._lock:
            return self._hash(kind, key)

    def take_batch(self, hashes: array[int], kinds: bytes, times: array[int], left: array[float]) -> None:
        """One token for each hash in turn. A bad kind ends it there; those before it are taken."""
        if not len(hashes) == len(kinds) == len(times) == len(left):
            raise ValueError("hashes, kinds, times and left must be of one length")
        for i, (hashed, kind, now) in enumerate(zip(hashes, kinds, times, strict=True)):
            with self._lock:
                if kind >= len(self._laws):
                    raise IndexError(f"kinds[{i}] = {kind}: this table has {len(self._laws)} limits")
                left[i] = self._take(kind, hashed, _within(now), 1)

    def _kind_of(self, kind: int) -> None:
        if not 0 <= kind < len(self._laws):
            raise IndexError(f"kind {kind}: this table has {len(self._laws)} limits")

    def _hash(self, kind: int, key: str) -> int:
        if type(key) is not str:
            raise TypeError(f"Argument 'key' has incorrect type (expected str, got {type(key).__name__})")
        self._kind_of(kind)
        width, data = sip.plain_bytes(key)
        return sip.finish(self._starts[kind] if width == 1 else sip.start(self._seed, kind, width), data)

    def _take(self, kind: int, hashed: int, now: int, cost: int) -> float:
        now = self._latest = max(now, self._latest)
        interval, burst, cap = self._laws[kind]
        tag, lines = hashed & 0xFFFFFFFF, self._lines(hashed)
        at = self._find(tag, lines, now)
        need = 0 if at is None else min(self._tat[at] - now, cap)
        after = min(need + cost * interval, cap)
        if at is not None:
            self._tat[at] = now + after
        elif after > 0:
            self._store(tag, lines, now, now + after)
        return float(burst - need - cost * interval) / float(interval)

    def _lines(self, hashed: int) -> tuple[int, int]:
        first = (hashed >> 32) * self._size >> 32
        return first, self._other(first, hashed & 0xFFFFFFFF)

    def _other(self, line: int, tag: int) -> int:
        return ((tag * 0x9E3779B1 & 0xFFFFFFFF) * self._size // 2**32 - line) % self._size

    def _find(self, tag: int, lines: tuple[int, int], now: int) -> int | None:
        for line in lines:
            for at in range(WAYS * line, WAYS * line + WAYS):
                if self._tag[at] == tag and self._tat[at] > now:
                    return at
        return None

    def _free(self, line: int, now: int) -> int | None:
        return next((at for at in range(WAYS * line, WAYS * line + WAYS) if self._tat[at] <= now), None)

    def _store(self, tag: int, lines: tuple[int, int], now: int, tat: int) -> None:
        at = self._free(lines[0], now)
        if at is None:
            at = self._free(lines[1], now)
        if at is None and now >= self._crowded_until:
            at = self._make_room(lines, now)
        if at is None:
            self._evict_for(tag, lines, tat)
        else:
            self._tag[at], self._tat[at] = tag, tat

    def _make_room(self, lines: tuple[int, int], now: int) -> int | None:
        """Breadth first: the shortest chain of moves that frees a place."""
        steps: list[tuple[int, int, int]] = [(lines[0], -1, -1), (lines[1], -1, -1)]
        soonest = 2**63 - 1
        for i, (line, _, _) in enumerate(steps):  # grows while it is walked
            free = self._free(line, now)
            if free is not None:
                return self._clear_way(steps, i, free)
            places = range(WAYS * line, WAYS * line + WAYS)
            soonest = min(soonest, *(self._tat[at] for at in places))
            steps += [(self._other(line, self._tag[at]), i, at) for at in places][: SEARCH - len(steps)]
        if self._size >= 16 * SEARCH:
            self._crowded_until = soonest
        return None

    def _clear_way(self, steps: list[tuple[int, int, int]], last: int, free: int) -> int:
        path = [free]
        while steps[last][1] >= 0:
            path.append(steps[last][2])
            last = steps[last][1]
        for to, source in pairwise(path):
            self._tag[to], self._tat[to] = self._tag[source], self._tat[source]
            self._tat[source] = 0
            self._note_move(source // WAYS, to // WAYS)
        return path[-1]

    def _note_move(self, source: int, to: int) -> None:
        self._moves += 1
        if self._moved is not None and source >= self._saved_lines > to:
            self._moved.append(to)

    def _evict_for(self, tag: int, lines: tuple[int, int], tat: int) -> None:
        """Of the ten buckets and the new one, the one nearest to full goes."""
        self._evicted += 1
        places = [at for line in lines for at in range(WAYS * line, WAYS * line + WAYS)]
        nearest = min(places, key=self._tat.__getitem__)
        if self._tat[nearest] < tat:
            self._tag[nearest], self._tat[nearest] = tag, tat

    def start_export(self) -> bool:
        """Begins a snapshot; False when one is under way."""
        with self._lock:
            if self._moved is not None:
                return False
            self._moved, self._saved_lines = [], 0
            return True

    def end_export(self) -> None:
        """Ends it, finished or not."""
        with self._lock:
            self._moved = None

    def export(self, lines: int, now_ns: int) -> bytes | None:
        """The next piece of a snapshot: entries of so many lines; None at its end."""
        now = _within(now_ns)
        with self._lock:
            if self._moved is None or len(self._moved) > MOVED:
                raise RuntimeError("too many buckets moved between two pieces of the snapshot")
            if self._saved_lines == self._size and not self._moved:
                return None
            picked = [self._moved.pop() for _ in range(min(lines, len(self._moved)))]
            until = min(self._size, self._saved_lines + lines - len(picked))
            picked += range(self._saved_lines, until)
            self._saved_lines = until
            return b"".join(self._entry(at, now) for line in picked for at in range(WAYS * line, WAYS * line + WAYS))

    def _entry(self, at: int, now: int) -> bytes:
        if self._tat[at] <= now:
            return b""
        return _ENTRY.pack(at // WAYS, self._tag[at], self._tat[at] - now)

    def load(self, entries: bytes, now_ns: int, elapsed_ns: int) -> bool:
        """Puts a piece of a snapshot into this (new) table; False when an entry cannot be of such a table."""
        now, elapsed = _within(now_ns), _within(elapsed_ns)
        if len(entries) % _ENTRY.size:
            return False
        with self._lock:
            for line, tag, remaining in _ENTRY.iter_unpack(entries):
                if line >= self._size or not 0 < remaining < TOP:
                    return False
                if remaining > elapsed:
                    self._load_entry(tag, (line, self._other(line, tag)), now, now + remaining - elapsed)
        return True

    def _load_entry(self, tag: int, lines: tuple[int, int], now: int, tat: int) -> None:
        at = self._find(tag, lines, now)
        if at is None:
            self._store(tag, lines, now, tat)
        else:
            self._tat[at] = max(self._tat[at], tat)

    def adopt(self, other: BucketTable) -> None:
        """Takes over the buckets and the seed of a table of the same size that nobody else uses."""
        if other is self or other._size != self._size:
            raise ValueError("only a table of the same size can be taken over")
        with self._lock:
            self._tag, self._tat, self._seed = other._tag, other._tat, other._seed
            self._latest, self._crowded_until = max(self._latest, other._latest), 0
            self._starts = tuple(sip.start(self._seed, kind, 1) for kind in range(len(self._laws)))

    def seed(self) -> bytes:
        """The secret of the hash; a snapshot carries it."""
        with self._lock:
            return self._seed

    def counts(self, now_ns: int) -> tuple[int, int, int, int, int]:
        """(live buckets in the lines looked at, lines looked at, evicted, moves, bytes)."""
        looked = min(self._size, SAMPLE)
        with self._lock:
            now = max(_within(now_ns), self._latest)
            live = sum(tat > now for tat in self._tat[: WAYS * looked])
            return live, looked, self._evicted, self._moves, self._size * _LINE_BYTES
