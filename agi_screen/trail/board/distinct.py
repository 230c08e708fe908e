"""How many different callers: HyperLogLog, two kilobytes a count whatever comes, off by 2.3 % (one sigma).

The bitmaps of `judge/blocks` count to some 270 and no further, which is enough to tell one block's people from a
robot's list, and too little for a day. The known libraries (datasketch, apache-datasketches) bring numpy and much else
into the daemon for what is forty lines. Python's own string hash is SipHash with a secret of the process, so no
caller can choose numbers that collide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import repeat
from math import log

INDEX_BITS = 11
REGISTERS = 1 << INDEX_BITS
_MASK = REGISTERS - 1
_REST_BITS = 52
_REST = (1 << _REST_BITS) - 1
_ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)


class HyperLogLog:
    """A set of which only the size is known."""

    __slots__ = ("_sum", "_zeros", "registers")

    def __init__(self) -> None:
        self.registers = bytearray(REGISTERS)
        self._zeros = REGISTERS
        self._sum = float(REGISTERS)  # of 2^-register over all

    @classmethod
    def union(cls, parts: Iterable[HyperLogLog]) -> HyperLogLog:
        """All members of all parts."""
        made = cls()
        registers = made.registers = bytearray(map(max, made.registers, *[part.registers for part in parts]))
        made._zeros = registers.count(0)
        made._sum = sum(registers.count(rank) * 2.0**-rank for rank in range(_REST_BITS + 2))
        return made

    def put(self, place: int, rank: int) -> None:
        """A member whose hash chose this register, and began with `rank` - 1 zeros."""
        old = self.registers[place]
        if rank > old:
            self._zeros -= not old
            self._sum += 2.0**-rank - 2.0**-old
            self.registers[place] = rank

    @property
    def size(self) -> float:
        """The estimate."""
        if self._zeros:
            linear = REGISTERS * log(REGISTERS / self._zeros)
            if linear <= 2.5 * REGISTERS:
                return linear
        return _ALPHA * REGISTERS * REGISTERS / self._sum


class Distinct:
    """Different members of the last hour, in slices that fall out one by one, and of today; how many are new by minute.

    `minute` is a number that never goes back, `day` any name of the day.
    """

    def __init__(self, slices: int = 12, slice_minutes: int = 5, minutes: int = 60) -> None:
        self._slice_minutes = slice_minutes
        self._slices: deque[HyperLogLog] = deque(maxlen=slices)
        self._slice = -1
        self._hour = HyperLogLog()
        self._today = HyperLogLog()
        self._day = ""
        self._minute = -1
        self._before = 0.0  # of today, when this minute began
        self._new: deque[int] = deque(maxlen=minutes)
        self._open_slice()

    def turn(self, minute: int, day: str) -> None:
        """Time has come to this minute."""
        if minute != self._minute:
            self._next_minute(minute)
            self._next_slice(minute // self._slice_minutes)
        if day != self._day:
            self._day, self._today, self._before = day, HyperLogLog(), 0.0
            self._open_slice()  # what the open slice has seen, the new day has not

    def add(self, members: Iterable[str]) -> None:
        """Most change nothing: one look tells that the open slice has such a one, and so have the others."""
        limits = self._limits
        for mixed in map(hash, members):
            rest = mixed >> INDEX_BITS & _REST
            if rest < limits[mixed & _MASK]:
                self._put(mixed & _MASK, rest)

    def _put(self, place: int, rest: int) -> None:
        length = rest.bit_length()
        self._limits[place] = 1 << length - 1 if length else 0
        for counted in (self._slices[-1], self._hour, self._today):
            counted.put(place, _REST_BITS + 1 - length)

    def _open_slice(self) -> None:
        self._slices.append(HyperLogLog())
        self._limits = [1 << _REST_BITS] * REGISTERS  # what is below changes the register of the open slice

    def _next_minute(self, minute: int) -> None:
        if self._minute >= 0:
            self._new.append(self.new)
            quiet = min(minute - self._minute - 1, self._new.maxlen or 0)
            self._new.extend(repeat(0, quiet))
        self._minute, self._before = minute, self._today.size

    def _next_slice(self, number: int) -> None:
        if number == self._slice:
            return
        for _ in range(min(number - self._slice, self._slices.maxlen or 0) if self._slice >= 0 else 0):
            self._open_slice()
        self._slice = number
        self._hour = HyperLogLog.union(self._slices)

    @property
    def new(self) -> int:
        """New ones of today in this minute so far."""
        return round(max(0.0, self._today.size - self._before))

    def state(self) -> dict[str, object]:
        return {
            "hour": round(self._hour.size),
            "today": round(self._today.size),
            "minute": self.new,
            "growth": list(self._new),
        }
