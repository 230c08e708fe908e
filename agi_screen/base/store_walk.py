"""Pages of calls by what stands in no index: walked newest first, for a bounded time, and gone on with later."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agi_screen.base.clock import Clock
from agi_screen.base.store import Store
from agi_screen.base.store_calls import StoredCall
from agi_screen.base.store_search import CallFilter, in_index, select_nth

PORTION = 2_000  # calls of one query: others wait for the reading thread no longer than that takes
WALK_SECONDS = 0.06


@dataclass(frozen=True, slots=True)
class CallPage:
    """Calls, newest first. `next` is what `before` of the next page is, empty at the end. `reached` is when the last
    call looked at began, where the time was over before the page was full; else None."""

    calls: list[StoredCall]
    next: str
    reached: float | None = None


async def call_page(store: Store, wanted: CallFilter, clock: Clock) -> CallPage:
    """The page of `wanted`, or as much of it as is found in time."""
    if in_index(wanted) == wanted:
        return _cut(await store.calls(replace(wanted, limit=wanted.limit + 1)), wanted.limit)
    end = clock.ticks() + int(WALK_SECONDS * 1e9)
    found: list[StoredCall] = []
    place = wanted
    while True:
        last = await _last(store, place)
        left = wanted.limit + 1 - len(found)
        found += await store.calls(replace(place, limit=left, down_to=last[0] if last else ""))
        if last is None or len(found) > wanted.limit:
            return _cut(found, wanted.limit)
        if clock.ticks() >= end:
            return CallPage(found, *last)
        place = replace(place, before=last[0])


async def _last(store: Store, place: CallFilter) -> tuple[str, float] | None:
    """The last call of a portion; None where there are not so many."""
    rows = await store.read(
        lambda row: (str(row[0]), float(row[1])), *select_nth(place, PORTION, by_hour=store.by_hour)
    )
    return rows[0] if rows else None


def _cut(found: list[StoredCall], limit: int) -> CallPage:
    """`found` may hold one more than the page: so it is known whether there are more."""
    return CallPage(found[:limit], found[limit - 1].record.id if len(found) > limit else "")
