"""How far a viewer of the live page has seen: its place in the stream, as text too."""

from __future__ import annotations

import re
from typing import NamedTuple

_WRITTEN = re.compile(r"([0-9a-f]{1,16})\.(-?\d{1,15})\.(-?\d{1,15})\.(\d{1,15})\.(\d{1,15})")


class Seen(NamedTuple):
    """`run`: of which run of the daemon; then the last whole second and minute, the last call and the last end."""

    run: str = ""
    second: int = -1
    minute: int = -1
    call: int = 0
    end: int = 0

    def __str__(self) -> str:
        return ".".join(map(str, self))


def parse_seen(text: str) -> Seen:
    """What `str` made of one; nothing seen for anything else."""
    found = _WRITTEN.fullmatch(text)
    return Seen(found[1], *map(int, found.groups()[1:])) if found else Seen()
