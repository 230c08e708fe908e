"""Rows that have been kept long enough: found on the reading connection, deleted a few hundred at a time.

So records are written in between, and no scan ever holds a lock that a writer wants.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from agi_screen.base.store import Store
from agi_screen.base.store_person import marks
from agi_screen.base.store_search import CallFilter
from agi_screen.base.store_space import audit_opened

AT_ONCE = 500
LOOKED_AT = 5_000  # keys that one query looks at
UNDATED_SECONDS = 30 * 86400.0  # of a caller of whom no moment is kept, such as after a menu alone: since the last call
NOTICE_SECONDS = 30 * 86400.0
_BEGINS = "privacy purge begins"


class Keep(NamedTuple):
    """How long each is kept, in seconds; 0 for ever."""

    records: float
    callers: float
    feedback: float
    audit: float


class _Walk(NamedTuple):
    """A table whose rows are gone through by their key, from the first to the last."""

    table: str
    key: str
    moments: str
    first: object


_ENDS = _Walk("call_ends", "uniqueid", "ended", "")
_CALLERS = _Walk("callers", "caller", "last_talk, captcha_at, marked_at", "")
_FEEDBACK = _Walk("feedback", "n", "at", -1)
_AUDIT = _Walk("audit", "n", "at", -1)


async def purge(
    store: Store, keep: Keep, now: float, *, dry: bool = False, forgotten: Callable[[str], object] = lambda _: None
) -> dict[str, int]:
    """Deletes what is older; `dry` counts alone. `forgotten` is told of each caller. Raises StoreError."""
    gone = {"calls": await _calls(store, now - keep.records, dry) if keep.records else 0}
    gone["call_ends"] = await _walk(store, _ENDS, now, keep.records, dry) if keep.records else 0
    gone["feedback"] = await _walk(store, _FEEDBACK, now, keep.feedback, dry) if keep.feedback else 0
    gone["callers"] = await _walk(store, _CALLERS, now, keep.callers, dry, forgotten) if keep.callers else 0
    gone["audit"] = await _walk(store, _AUDIT, now, keep.audit, dry) if keep.audit else 0
    return gone


async def begins(store: Store, keep: Keep, now: float) -> float:
    """From when on old rows are deleted by themselves. Who finds old rows at the first start with this has a month's
    notice: an upgrade deletes nothing unannounced."""
    found = await store.setting(_BEGINS)
    if found is not None:
        return float(json.loads(found))
    old = any((await purge(store, keep, now, dry=True)).values())
    at = now + NOTICE_SECONDS if old else now
    await begin_at(store, at, now)
    return at


async def begin_at(store: Store, at: float, now: float) -> None:
    await store.set_setting(_BEGINS, json.dumps(at), "agi-screen", now)


async def _calls(store: Store, before: float, dry: bool) -> int:
    if dry:
        counted = await store.read(lambda row: int(row[0]), "SELECT count(*) FROM calls WHERE started < ?", [before])
        return counted[0]
    sql, gone = f"SELECT id, uniqueid FROM calls WHERE started < ? ORDER BY started LIMIT {AT_ONCE}", 0  # noqa: S608
    while found := await store.read(tuple, sql, [before]):
        ids, uniqueids = [ident for ident, _ in found], [uniqueid for _, uniqueid in found]
        async with store.transaction() as conn:
            await conn.execute(f"DELETE FROM call_ends WHERE uniqueid IN ({marks(len(ids))})", uniqueids)  # noqa: S608
            await conn.execute(f"DELETE FROM calls WHERE id IN ({marks(len(ids))})", ids)  # noqa: S608
        gone += len(found)
    return gone


async def _walk(
    store: Store, walk: _Walk, now: float, keep: float, dry: bool, told: Callable[[str], object] = lambda _: None
) -> int:
    before = now - keep
    sql = (
        f"SELECT {walk.key}, {walk.moments} FROM {walk.table} WHERE {walk.key} > ? "  # noqa: S608 - our own names
        f"ORDER BY {walk.key} LIMIT {LOOKED_AT}"
    )
    place, gone = walk.first, 0
    while found := await store.read(tuple, sql, [place]):
        place = found[-1][0]
        old = [row[0] for row in found if 0 < max(row[1:]) < before]
        if walk is _CALLERS:
            undated = [row[0] for row in found if not max(row[1:])]
            old += await _unheard(store, undated, max(before, now - UNDATED_SECONDS))
        gone += len(old)
        for start in range(0, 0 if dry else len(old), AT_ONCE):
            await _delete(store, walk, old[start : start + AT_ONCE])
        for key in () if dry else old:
            told(key)
    return gone


async def _unheard(store: Store, callers: Sequence[str], since: float) -> list[str]:
    """Those without a date who have not called since either."""
    found = []
    for caller in callers:
        if not await store.calls(CallFilter(caller=caller, since=since, limit=1)):
            found.append(caller)
    return found


async def _delete(store: Store, walk: _Walk, keys: Sequence[Any]) -> None:
    sql = f"DELETE FROM {walk.table} WHERE {walk.key} IN ({marks(len(keys))})"  # noqa: S608
    async with store.transaction() as conn:
        if walk is _AUDIT:
            async with audit_opened(conn):
                await conn.execute(sql, list(keys))
        else:
            await conn.execute(sql, list(keys))
