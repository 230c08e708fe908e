"""Which list entries changed, and when, for daemons that share their lists: kept by the store itself, by triggers.

So no way of changing a list can be forgotten, the commands' while no daemon runs included: a change and its line here
are one transaction. Each entry has one line, also after it is gone. The later change wins, by `stamp`: us since 1970
by the clock of Redis as far as it is known, and always later than the change that it follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from agi_screen.base import store_lists
from agi_screen.base.list_entries import MAX_PATTERNS, grouped
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.store import Store
from agi_screen.base.store_conn import Conn

SEEDED_AT_ONCE = 20_000
_NOW = "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000 + (SELECT ahead FROM list_sync)"
_LATER = "max(excluded.stamp, list_versions.stamp + 1)"
# An expired entry that is purged must not win over one that another machine has put in its place meanwhile.
_EXPIRED = (
    "EXISTS (SELECT 1 FROM list_groups WHERE n = OLD.grp AND expires > 0 "
    "AND expires <= (julianday('now') - 2440587.5) * 86400.0)"
)
_SET = "ON CONFLICT (list, value) DO UPDATE SET untold = 1, gone = excluded.gone, stamp ="
_HERE = f"INSERT INTO list_versions VALUES (NEW.list, NEW.value, {_NOW}, 0, 1) {_SET} {_LATER}"  # noqa: S608
_GONE = (
    f"INSERT INTO list_versions VALUES (OLD.list, OLD.value, {_NOW}, 1, 1) "  # noqa: S608
    f"{_SET} CASE WHEN {_EXPIRED} THEN list_versions.stamp + 1 ELSE {_LATER} END"
)
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS list_versions (list TEXT NOT NULL, value TEXT NOT NULL, stamp INTEGER NOT NULL, "
    "gone INTEGER NOT NULL, untold INTEGER NOT NULL, PRIMARY KEY (list, value)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS list_versions_untold ON list_versions (untold) WHERE untold = 1",
    "CREATE TABLE IF NOT EXISTS list_sync (one INTEGER PRIMARY KEY CHECK (one = 1), ahead INTEGER NOT NULL, "
    "epoch TEXT NOT NULL, place INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO list_sync VALUES (1, 0, '', 0)",
    f"CREATE TRIGGER IF NOT EXISTS list_entry_put AFTER INSERT ON list_entries BEGIN {_HERE}; END",
    f"CREATE TRIGGER IF NOT EXISTS list_entry_moved AFTER UPDATE OF grp ON list_entries BEGIN {_HERE}; END",
    f"CREATE TRIGGER IF NOT EXISTS list_entry_gone AFTER DELETE ON list_entries BEGIN {_GONE}; END",
)
_SEED_END = (
    "SELECT list, value FROM list_entries WHERE (list, value) > (?, ?) ORDER BY list, value "  # noqa: S608
    f"LIMIT 1 OFFSET {SEEDED_AT_ONCE - 1}"
)
_SEED = (
    "INSERT OR IGNORE INTO list_versions SELECT e.list, e.value, CAST(g.added * 1000000 AS INTEGER), 0, 1 "
    "FROM list_entries e JOIN list_groups g ON g.n = e.grp WHERE (e.list, e.value) > (?, ?) "
    "AND (e.list, e.value) <= (?, ?)"
)
_AFTER_ALL = ("\U0010ffff", "\U0010ffff")
_COLUMNS = (
    "SELECT v.list, v.value, v.stamp, v.gone OR g.n IS NULL, coalesce(g.kind, ''), coalesce(g.reason, ''), "
    "coalesce(g.source, ''), coalesce(g.added, 0.0), coalesce(g.expires, 0.0) FROM list_versions v "
    "LEFT JOIN list_entries e ON e.list = v.list AND e.value = v.value LEFT JOIN list_groups g ON g.n = e.grp "
)
_UNTOLD = f"{_COLUMNS} WHERE v.untold = 1 LIMIT ?"
_TOLD = "UPDATE list_versions SET untold = 0 WHERE list = ? AND value = ? AND stamp = ?"
_KNOWN = "INSERT OR REPLACE INTO list_versions VALUES (?, ?, ?, ?, 0)"
_PATTERNS = "SELECT count(*) FROM list_groups g JOIN list_entries e ON e.grp = g.n WHERE g.kind = 'pattern'"


class Change(NamedTuple):
    """The last that was done to one entry; of one that is gone nothing but that is known."""

    list: ListName
    value: str
    stamp: int
    gone: bool
    kind: str = ""
    reason: str = ""
    source: str = ""
    added: float = 0.0
    expires: float = 0.0

    def entry(self) -> ListEntry:
        kind = MatchKind(self.kind)
        return ListEntry(self.list, kind, self.value, self.reason, self.source, self.added, self.expires)


class Place(NamedTuple):
    """How far the others' changes have been taken in, and of which life of Redis."""

    epoch: str
    place: int


class Taken(NamedTuple):
    """What became of others' changes: `refused` are patterns over the most that are taken."""

    applied: int
    refused: Sequence[Change]


async def keep_journal(store: Store) -> None:
    """From now on, for good. What stands on the lists already counts as changed when it was added."""
    async with store.transaction() as conn:
        for statement in SCHEMA:
            await conn.execute(statement)
    begin, more = ("", ""), True
    while more:
        async with store.transaction() as conn:
            found = list(await conn.execute_fetchall(_SEED_END, begin))
            end = (found[0][0], found[0][1]) if found else _AFTER_ALL
            await conn.execute(_SEED, (*begin, *end))
        begin, more = end, bool(found)


async def place(store: Store) -> Place:
    return (await store.read(lambda row: Place(*row), "SELECT epoch, place FROM list_sync"))[0]


async def set_ahead(store: Store, microseconds: int) -> None:
    """By how much the clock of Redis is ahead of ours."""
    await store.write(("UPDATE list_sync SET ahead = ?", [(microseconds,)]))


async def untold(store: Store, most: int) -> list[Change]:
    """Changes made here of which Redis does not know."""
    return await store.read(_change, _UNTOLD, (most,))


async def told(store: Store, changes: Iterable[Change]) -> None:
    """Redis has them. What was changed again meanwhile is told again."""
    await store.write((_TOLD, [(c.list.value, c.value, c.stamp) for c in changes]))


async def begin_anew(store: Store, epoch: str) -> None:
    """Redis has lost something, or is another: all is told again, and all is read again."""
    await store.write(
        ("UPDATE list_versions SET untold = 1 WHERE untold = 0", [()]),
        ("UPDATE list_sync SET epoch = ?, place = 0", [(epoch,)]),
    )


async def take(store: Store, changes: Sequence[Change], place: int, rank: Callable[[Change], str]) -> Taken:
    """Others' changes, as far as they are later than ours; and that we have read as far as `place`.

    Of two in the same microsecond the one of the higher `rank` is the later, as in Redis."""
    async with store.transaction() as conn:
        ours = await _ours(conn, changes)
        later = [c for c in changes if _later(c, ours.get((c.list, c.value)), rank)]
        fit, refused = await _that_fit(conn, later)
        await conn.executemany(store_lists.DELETE_ENTRY, [(c.list.value, c.value) for c in fit if c.gone])
        entries = [c.entry() for c in fit if not c.gone]
        if fit:
            await store_lists.add_groups(conn, grouped(entries), None, store_lists.no_progress)
        await conn.executemany(_KNOWN, [(c.list.value, c.value, c.stamp, c.gone) for c in fit])
        await conn.execute("UPDATE list_sync SET place = ?", (place,))
    return Taken(len(fit), refused)


def _later(change: Change, ours: Change | None, rank: Callable[[Change], str]) -> bool:
    if ours is None or change.stamp != ours.stamp:
        return ours is None or change.stamp > ours.stamp
    return rank(change) > rank(ours)


async def _ours(conn: Conn, changes: Sequence[Change]) -> dict[tuple[str, str], Change]:
    if not changes:
        return {}
    marks = ",".join(["(?,?)"] * len(changes))
    values = [part for c in changes for part in (c.list.value, c.value)]
    rows = await conn.execute_fetchall(f"{_COLUMNS} WHERE (v.list, v.value) IN (VALUES {marks})", values)
    found = [_change(row) for row in rows]
    return {(change.list, change.value): change for change in found}


async def _that_fit(conn: Conn, later: list[Change]) -> tuple[list[Change], list[Change]]:
    """Too many patterns would keep the lists from being loaded at all, here and at the next start."""
    new = [c for c in later if c.kind == MatchKind.PATTERN and not c.gone]
    if not new:
        return later, []
    rows = await conn.execute_fetchall(_PATTERNS)
    room = max(0, MAX_PATTERNS - int(next(iter(rows))[0]))
    refused = new[room:]
    out = set(refused)
    return [c for c in later if c not in out], refused


def _change(row: Any) -> Change:
    name, value, stamp, gone, *more = row
    return Change(ListName(name), value, stamp, bool(gone), *more)
