"""List entries page by page: newest first, or by the beginning of their value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.store import Store
from agi_screen.base.store_conn import Conn

MOST_GROUPS = 200_000  # a search for words looks into so many, the newest
_COLUMNS = "g.list, g.kind, e.value, g.reason, g.source, g.added, g.expires, g.n"
_AFTER_ALL = "\U0010ffff"
_NEWEST = 1 << 62
# Groups come newest first, and the entries of each in the order of its tree: nothing is sorted.
_BY_TIME = (
    f"SELECT {_COLUMNS} FROM list_groups g "  # noqa: S608
    "CROSS JOIN list_entries e ON e.grp = g.n WHERE g.n <= ? "
    f"AND g.n > (SELECT max(n) FROM list_groups) - {MOST_GROUPS} AND g.list = ? AND (g.n < ? OR e.value > ?) "
    "AND (? = '' OR instr(lower(g.reason), ?) > 0 OR instr(lower(g.source), ?) > 0) ORDER BY g.n DESC, e.value LIMIT ?"
)
_BY_VALUE = (
    f"SELECT {_COLUMNS} FROM list_entries e INDEXED BY list_entries_value JOIN list_groups g ON g.n = e.grp "  # noqa: S608
    "WHERE e.list = ? AND e.value >= ? AND e.value < ? AND e.value > ? ORDER BY e.value LIMIT ?"
)
_ONE = (
    f"SELECT {_COLUMNS} FROM list_entries e INDEXED BY list_entries_value JOIN list_groups g ON g.n = e.grp "  # noqa: S608
    "WHERE e.list = ? AND e.value = ?"
)
_COUNT = "SELECT list, count(*) FROM list_entries INDEXED BY list_entries_value GROUP BY list"


class EntryPlace(NamedTuple):
    """The last entry of a page; the next page begins after it."""

    group: int = _NEWEST
    value: str = _AFTER_ALL


FIRST = EntryPlace()


@dataclass(frozen=True, slots=True)
class EntryPage:
    """`next` is None at the end."""

    entries: list[ListEntry]
    next: EntryPlace | None


async def newest_entries(store: Store, name: ListName, words: str, after: EntryPlace, limit: int) -> EntryPage:
    """Those added last come first; `words` must stand in their reason or source."""
    low = words.lower()
    values = (after.group, name.value, after.group, after.value, low, low, low, limit + 1)
    return _page(await store.read(_placed, _BY_TIME, values), limit)


async def entries_from(store: Store, name: ListName, beginning: str, after: EntryPlace | None, limit: int) -> EntryPage:
    """Those whose value begins so, in its order."""
    values = (name.value, beginning, beginning + _AFTER_ALL, after.value if after else "", limit + 1)
    return _page(await store.read(_placed, _BY_VALUE, values), limit)


async def one_entry(store: Store, name: ListName, value: str) -> ListEntry | None:
    """The entry of this value, expired or not."""
    found = await store.read(_placed, _ONE, (name.value, value))
    return found[0][0] if found else None


async def entry_in(conn: Conn, name: ListName, value: str) -> ListEntry | None:
    """The same in a transaction."""
    rows = list(await conn.execute_fetchall(_ONE, (name.value, value)))
    return _placed(tuple(rows[0]))[0] if rows else None


async def entry_counts(store: Store) -> dict[ListName, int]:
    """How many stand on each list, expired ones with them."""
    found = dict(await store.read(lambda row: (ListName(row[0]), int(row[1])), _COUNT))
    return {name: found.get(name, 0) for name in ListName}


def _placed(row: tuple[Any, ...]) -> tuple[ListEntry, EntryPlace]:
    name, kind, value, reason, source, added, expires, group = row
    entry = ListEntry(ListName(name), MatchKind(kind), value, reason, source, added, expires)
    return entry, EntryPlace(group, value)


def _page(found: list[tuple[ListEntry, EntryPlace]], limit: int) -> EntryPage:
    """`found` may hold one more than the page."""
    return EntryPage([entry for entry, _ in found[:limit]], found[limit - 1][1] if len(found) > limit else None)
