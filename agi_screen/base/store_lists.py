"""List entries and passes as rows. Entries that differ in nothing but their value share one group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from agi_screen.base.list_entries import EntryGroup, Joined
from agi_screen.base.records import ListEntry, ListName, MatchKind, Pass
from agi_screen.base.store_conn import Conn
from agi_screen.base.text import storable

# The values of a group come as one text, split again in C: a million entries in well under a second.
VALUE_BREAK = Joined.BREAK
KEPT_EXPIRED_SECONDS = 7 * 86400.0  # so long `list show` still tells that, and why, somebody was listed
AT_ONCE = 20_000
PURGED_AT_ONCE = 5_000
SELECT_LAST_GROUP = "SELECT coalesce(max(n), 0) FROM list_groups"
INSERT_GROUP = "INSERT INTO list_groups (n, list, kind, reason, source, added, expires) VALUES (?,?,?,?,?,?,?)"
INSERT_ENTRY = (
    "INSERT INTO list_entries (grp, value, list) VALUES (?,?,?) "
    "ON CONFLICT (list, value) DO UPDATE SET grp = excluded.grp"
)
# An import that replaces its last one leaves alone what others, people above all, put on the list themselves.
INSERT_OTHERS = "INSERT INTO list_entries (grp, value, list) VALUES (?,?,?) ON CONFLICT (list, value) DO NOTHING"
DELETE_SOURCE = "DELETE FROM list_entries WHERE grp IN (SELECT n FROM list_groups WHERE source = ?)"
DELETE_EXPIRED = (
    "DELETE FROM list_entries WHERE (grp, value) IN (SELECT e.grp, e.value FROM list_groups g "  # noqa: S608 - a figure
    f"JOIN list_entries e ON e.grp = g.n WHERE g.expires > 0 AND g.expires <= ? LIMIT {PURGED_AT_ONCE})"
)
DELETE_ENTRY = "DELETE FROM list_entries WHERE list = ? AND value = ?"
DELETE_EMPTY_GROUPS = (
    "DELETE FROM list_groups WHERE NOT EXISTS (SELECT 1 FROM list_entries e WHERE e.grp = list_groups.n)"
)
# The break stands in the query's text, and no sorter holds the joined values: both together took half the time.
SELECT_GROUPS = (
    "SELECT g.list, g.kind, g.reason, g.source, g.added, g.expires, "  # noqa: S608 - a word of ours
    f"(SELECT group_concat(e.value, '{VALUE_BREAK}') FROM list_entries e WHERE e.grp = g.n) FROM list_groups g "
    "WHERE EXISTS (SELECT 1 FROM list_entries e WHERE e.grp = g.n) ORDER BY g.n"
)

# Who shares the database sees by this that the lists are others now.
LISTS_VERSION = "lists version"
LISTS_CHANGED = (
    f"INSERT INTO settings (name, value) VALUES ('{LISTS_VERSION}', '1') "  # noqa: S608 - our own name
    "ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS TEXT)"
)

SELECT_PASSES = "SELECT caller, trunk, uses_left, expires FROM passes WHERE expires > ?"
INSERT_PASS = (
    "INSERT INTO passes (caller, trunk, uses_left, expires) VALUES (?,?,?,?) ON CONFLICT (caller, trunk) "  # noqa: S105
    "DO UPDATE SET uses_left = excluded.uses_left, expires = excluded.expires"
)
DELETE_OLD_PASSES = "DELETE FROM passes WHERE uses_left <= 0 OR expires <= ?"


def entry_group(row: tuple[Any, ...]) -> EntryGroup:
    """The group of one row of SELECT_GROUPS."""
    name, kind, *shared, joined = row
    return EntryGroup(ListEntry(ListName(name), MatchKind(kind), "", *shared), Joined(joined))


def group_rows(numbered: Iterable[tuple[int, EntryGroup]]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_GROUP."""
    for number, group in numbered:
        h = group.head
        texts = (h.list.value, h.kind.value, storable(h.reason), storable(h.source))
        yield (number, *texts, h.added, h.expires)


def entry_rows(numbered: Iterable[tuple[int, EntryGroup]]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_ENTRY; in order, for a tree that grows at its end is written twice as fast."""
    for number, group in numbered:
        name = group.head.list.value
        for value in sorted(group.values):
            yield (number, storable(value), name)


def pass_rows(passes: Iterable[Pass]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_PASS; in order, so that two daemons do not wait for each other's rows crosswise."""
    rows = ((storable(p.caller), storable(p.trunk), p.uses_left, p.expires) for p in passes)
    return iter(sorted(rows, key=lambda row: row[:2]))


Progress = Callable[[int], None]


def no_progress(_: int) -> None:
    """For who does not want to be told."""


async def add_groups(conn: Conn, groups: Sequence[EntryGroup], replaced: str | None, progress: Progress) -> int:
    """Writes the groups inside the caller's transaction, in place of all that came from the source `replaced`.

    Returns how many entries were written; `progress` is told of each portion, in the loop's thread.
    """
    if replaced is not None:
        await conn.execute(DELETE_SOURCE, (storable(replaced),))
    last = await conn.execute_fetchall(SELECT_LAST_GROUP)
    numbered = list(enumerate(groups, next(iter(last))[0] + 1))
    await conn.executemany(INSERT_GROUP, group_rows(numbered))
    written, rows = 0, entry_rows(numbered)
    while portion := list(islice(rows, AT_ONCE)):
        cursor = await conn.executemany(INSERT_ENTRY if replaced is None else INSERT_OTHERS, portion)
        written += cursor.rowcount
        progress(len(portion))
    await settle(conn)
    return written


async def settle(conn: Conn) -> None:
    """What each change of the lists ends with."""
    await conn.execute(DELETE_EMPTY_GROUPS)
    await conn.execute(LISTS_CHANGED)
