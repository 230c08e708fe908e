"""Millions of listed numbers in eight bytes each, built and freed in small steps while calls go on.

A dict of them would take ten times the memory, and hold the interpreter for a tenth of a second when it grows and
again when it goes: as long no call would be answered.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from agi_screen.base.list_entries import EntryGroup
from agi_screen.base.pseudonym import hash_number
from agi_screen.base.records import ListEntry

Put = Callable[[int], None]

_E164 = re.compile(r"\+[1-9][0-9]{0,17}")
_ALL_E164 = re.compile(r"(?:\+[1-9][0-9]{0,17}(?:\n|\Z))++")
_HEAD_BITS = 16  # of each 64: which head; the rest is the number
_MOST_HEADS = 1 << _HEAD_BITS
_TOO_LONG = 1 << (64 - _HEAD_BITS)  # all but the longest numbers of fifteen digits are below
_HASHED = 1 << 47  # and above: 47 bits of a pseudonym's hash; of a million entries one call in 10^8 meets another's
_SHARD = 512  # so many numbers are sorted at a time
_MOST_SHARDS = 8192


def _plain(number: str) -> int:
    """E.164 as an int that fits, or the hash of a pseudonym, else 0. `+0…` is none, or it would equal `+…`."""
    if "~" in number:
        return _HASHED | hash_number(number[-17:-1]) & (_HASHED - 1)
    value = int(number) if _E164.fullmatch(number) else 0
    return value if value < _TOO_LONG else 0


def _shards_for(count: int) -> int:
    return min(_MOST_SHARDS, 1 << max(0, count // _SHARD).bit_length())


class NumberTable:
    """Number → the `head` of its group. Sorted shards by the number's last bits; what does not fit is in a dict."""

    def __init__(self, groups: Sequence[EntryGroup]) -> None:
        self._heads = [group.head for group in groups]
        self._rest: dict[str, ListEntry] = {}
        count = sum(len(group.values) for group in groups)
        shards = [array("Q") for _ in range(_shards_for(count) if count else 1)]
        self._mask = len(shards) - 1
        puts = [shard.append for shard in shards]
        for place, group in enumerate(groups):
            self._take(puts, place, group)
        # Sorted without the slack that arrays have who grew.
        self._shards = [array("Q", sorted(shard)) for shard in shards]
        self._count = sum(map(len, self._shards)) + len(self._rest)

    def _take(self, puts: list[Put], place: int, group: EntryGroup) -> None:
        values = list(group.values)
        plain = _plain_numbers(values) if place < _MOST_HEADS else None
        if plain is None:
            self._take_mixed(puts, place, group.head, values)
            return
        mask = self._mask
        for number in plain:
            puts[number & mask](number << _HEAD_BITS | place)

    def _take_mixed(self, puts: list[Put], place: int, head: ListEntry, values: Iterable[str]) -> None:
        for value in values:
            number = _plain(value)
            if number and place < _MOST_HEADS:
                puts[number & self._mask](number << _HEAD_BITS | place)
            else:
                self._rest[value] = head

    def __len__(self) -> int:
        return self._count

    def get(self, number: str) -> ListEntry | None:
        """The head of the group that holds this number."""
        plain = _plain(number)
        if plain:
            shard = self._shards[plain & self._mask]
            place = bisect_left(shard, plain << _HEAD_BITS)
            if place < len(shard) and shard[place] >> _HEAD_BITS == plain:
                return self._heads[shard[place] & (_MOST_HEADS - 1)]
        return self._rest.get(number) if self._rest else None


def _plain_numbers(values: list[str]) -> list[int] | None:
    """All as ints where all are E.164 that fits, which one look tells; else None."""
    joined = "\n".join(values)
    if joined.count("\n") != len(values) - 1 or not _ALL_E164.fullmatch(joined):
        return None
    numbers = list(map(int, values))
    return numbers if max(numbers) < _TOO_LONG else None
