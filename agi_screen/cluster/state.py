"""What Redis answers of a caller, and under which key it keeps it."""

from __future__ import annotations

import hashlib
from typing import Any, Final, NamedTuple

from agi_screen.base.records import CallerRecord
from agi_screen.base.units import Address, parse_address
from agi_screen.cluster.news import NUMBERS

PREFIX: Final = "agi-screen:c:"


class State(NamedTuple):
    """What all machines know together. `new`: nobody knew anything; `met`: this daemon has told of the caller before.

    `lacks` are of the buckets in the order asked, in us, before this call took from them.
    """

    new: bool
    met: bool
    uses: int
    pass_seconds: float
    record: CallerRecord | None
    lacks: tuple[int, ...]


def hashing_key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32).digest()


def key_of(key: bytes, caller: str) -> str:
    """No number stands in Redis in clear, nor one that could be found by trying all: the hash has a key."""
    return PREFIX + hashlib.blake2b(caller.encode(), digest_size=12, key=key).hexdigest()


def read_state(caller: str, reply: list[Any]) -> State:
    known, uses, left, record, *lacks = reply
    return State(known == 0, known == 2, uses, left / 1000, _record(caller, record), tuple(lacks))


def _record(caller: str, packed: bytes) -> CallerRecord | None:
    if not packed:
        return None
    *numbers, trunk = packed.decode("utf-8", "replace").split(",", len(NUMBERS))
    read: list[Any] = [float(number) if "." in number else int(number) for number in numbers]
    return CallerRecord._make((caller, *read, trunk))


def read_address(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError:
        return Address("", 0)
