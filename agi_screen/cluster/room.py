"""Where machines meet in Redis: who is there, the newest order, the lists' changes. No call waits for any of it.

Each exchange is one script, so it happens whole or not at all; what it returns is bounded there and checked here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from redis.exceptions import RedisClusterException, RedisError

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.text import escape
from agi_screen.cluster.connect import Access, make_client

KEYS: Final = "agi-screen:{all}:"  # one slot of a Redis Cluster
MEETING: Final = Path(__file__).with_name("meeting.lua").read_text(encoding="utf-8")
LIST_CHANGES: Final = Path(__file__).with_name("list_changes.lua").read_text(encoding="utf-8")
MAX_TEXT: Final = 200


class AwayError(AgiScreenError):
    """Redis does not answer, or refuses."""


class Heard(NamedTuple):
    """What one machine said, so many seconds ago; still sealed."""

    node: str
    age: float
    said: bytes


class Meeting(NamedTuple):
    """`now` in us by the clock of Redis; `order` is the newest one, given at `stamp`; b"" for none.

    `before` is what was said under our name before."""

    now: int
    stamp: int
    order: bytes
    before: bytes
    nodes: list[Heard]


class Page(NamedTuple):
    """Changes in their order: place, entry, and the change as it was told. `last` is the place of the newest of all."""

    epoch: str
    last: int
    rows: list[tuple[int, bytes, bytes]]


class Room:
    """Every method raises AwayError. One task uses it at a time."""

    def __init__(self, access: Access) -> None:
        self._client = make_client(access)
        self._epoch = os.urandom(8).hex()

    async def meet(self, node: str, said: str, stamp: int, order: str) -> Meeting:
        """Says what this machine has to say, and hears the others."""
        found = await self._run(MEETING, ("nodes", "level"), (node, said, stamp, order))
        try:
            now, newest, text, before, nodes = found
            heard = [Heard(name.decode("utf-8", "replace"), int(age) / 1e6, bytes(said)) for name, age, said in nodes]
            return Meeting(int(now), int(newest), bytes(text), bytes(before), heard)
        except (ValueError, TypeError, AttributeError) as error:
            raise AwayError(f"Redis answers something else than asked: {error}") from error

    async def tell(self, changes: Sequence[tuple[str, str]]) -> Page:
        """Entries and their changes. One that Redis has already, or has a later one of, changes nothing."""
        return _page(await self._lists("tell", [part for change in changes for part in change]))

    async def read(self, place: int, most: int) -> Page:
        """The changes after this place."""
        return _page(await self._lists("read", (place, most)))

    async def close(self) -> None:
        await self._client.aclose()

    async def _lists(self, what: str, more: Sequence[str | int]) -> Any:
        return await self._run(LIST_CHANGES, ("lists", "lists-order", "lists-rest"), (what, self._epoch, *more))

    async def _run(self, script: str, keys: Sequence[str], more: Sequence[str | int]) -> Any:
        try:
            return await self._client.eval(script, len(keys), *(KEYS + key for key in keys), *more)
        except (RedisError, RedisClusterException, OSError) as error:
            raise AwayError(escape(str(error) or type(error).__name__, MAX_TEXT)) from error


def _page(found: Any) -> Page:
    try:
        epoch, last, flat = found
        rows = list(zip(map(int, flat[::3]), flat[1::3], flat[2::3], strict=True))
        return Page(epoch.decode("ascii"), int(last), rows)
    except (ValueError, TypeError, AttributeError) as error:
        raise AwayError(f"Redis answers something else than asked: {error}") from error
