"""Valid messages with some of their lines, values and bytes changed: most of them still get past the first check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.hostile import HOSTILE, wire

HOSTILE_BYTES = tuple(map(wire, HOSTILE.values()))
LONG = 200  # words over this are rare: they cost most of the time and find least
RARE = 0.02
MOST_BYTES = 60_000
NUMBERS = (b"0", b"-1", b"1e400", b"nan", b"00", b"+", b"65536", b"4294967296", b"9" * 20, b"9" * 5000, b"1_0", b"0x1")


class Mutator:
    """`line_end` parts a message into lines, `between` a line into its key and its value."""

    def __init__(
        self, seeds: Sequence[bytes], words: Sequence[bytes] = (), line_end: bytes = b"\n", between: bytes = b": "
    ) -> None:
        self._seeds = [seed.split(line_end) for seed in seeds]
        every = (*words, *HOSTILE_BYTES, *NUMBERS)
        self._short = [word for word in every if len(word) <= LONG]
        self._long = [word for word in every if len(word) > LONG]
        self._own = list(words) or self._short
        self._end = line_end
        self._between = between
        self._changes: list[Callable[[list[bytes], Random], None]] = [
            *(self._value, self._value, self._value, self._drop, self._twice, self._move, self._borrow, self._line),
            *(self._inside, self._inside),
        ]

    def __call__(self, chance: Random) -> bytes:
        """One message. The same `chance` gives the same messages in the same order."""
        roll = chance.random
        lines = list(self._seeds[int(roll() * len(self._seeds))])
        for _ in range(1 + int(roll() * roll() * 5)):
            if lines:
                self._changes[int(roll() * len(self._changes))](lines, chance)
        message = self._end.join(lines)
        if roll() < 0.3:
            message = self._bytes(message, chance)
        return message[:MOST_BYTES]

    def word(self, chance: Random) -> bytes:
        """Something that a parser may trip over."""
        roll = chance.random
        if roll() < RARE and self._long:
            return self._long[int(roll() * len(self._long))]
        words = self._own if roll() < 0.5 else self._short
        return words[int(roll() * len(words))]

    def _value(self, lines: list[bytes], chance: Random) -> None:
        """A value goes, or a word comes before, behind or in place of it."""
        at = int(chance.random() * len(lines))
        key, between, value = lines[at].partition(self._between)
        new, how = self.word(chance), int(chance.random() * 4)
        lines[at] = key + between + (new, value + new, new + value, b"")[how]

    def _drop(self, lines: list[bytes], chance: Random) -> None:
        del lines[int(chance.random() * len(lines))]

    def _twice(self, lines: list[bytes], chance: Random) -> None:
        line = lines[int(chance.random() * len(lines))]
        many = 1 if chance.random() < 0.97 else 300
        at = int(chance.random() * (len(lines) + 1))
        lines[at:at] = [line] * many

    def _move(self, lines: list[bytes], chance: Random) -> None:
        line = lines.pop(int(chance.random() * len(lines)))
        lines.insert(int(chance.random() * (len(lines) + 1)), line)

    def _borrow(self, lines: list[bytes], chance: Random) -> None:
        """A line of another message."""
        other = self._seeds[int(chance.random() * len(self._seeds))]
        lines.insert(int(chance.random() * (len(lines) + 1)), other[int(chance.random() * len(other))])

    def _line(self, lines: list[bytes], chance: Random) -> None:
        lines.insert(int(chance.random() * (len(lines) + 1)), self.word(chance))

    def _inside(self, lines: list[bytes], chance: Random) -> None:
        """A word in the middle of a line."""
        at = int(chance.random() * len(lines))
        line = lines[at]
        place = int(chance.random() * (len(line) + 1))
        lines[at] = line[:place] + self.word(chance) + line[place:]

    def _bytes(self, message: bytes, chance: Random) -> bytes:
        """Without regard for what they mean: one other, some lost, some twice, the end cut off."""
        size, roll = len(message), chance.random
        at = int(roll() * (size + 1))
        length = int(roll() * roll() * 40)
        how = int(roll() * 5)
        if how == 0:
            return message[:at] + bytes((int(roll() * 256),)) + message[at + 1 :]
        if how == 1:
            return message[:at] + message[at + length :]
        if how == 2:
            return message[: at + length] + message[at:]
        if how == 3:
            return message[:at]
        return message[:at] + chance.randbytes(length) + message[at:]
