"""A whole file on a list, in one step, and all of it off again."""

from __future__ import annotations

import asyncio
import io
from typing import Annotated

from pydantic import Field

from agi_screen.base import store_lists
from agi_screen.base.errors import ListEntryError, Problem
from agi_screen.base.list_file import FileError, lines_of, rows_of
from agi_screen.base.list_gather import MAX_REASON, EntryMaker, Gathered, check_patterns
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListName
from agi_screen.base.text import one_line, storable
from agi_screen.web.access.audit import audited_change
from agi_screen.web.entries import told_judge
from agi_screen.web.patience import body_of
from agi_screen.web.route import ApiError, Ask, Model, Role, Route

TOLD_BAD = 100
Name = Annotated[str, Field(min_length=1, max_length=80)]


class ImportQuery(Model):
    """`source`: where it comes from, as the list tells it. `reason` and `expires` are for lines that say none.
    `replace`: what came from the same source before goes. `skip_bad`: bad lines are passed over; else one of them
    keeps all of it out."""

    list: ListName
    source: Name
    reason: Annotated[str, Field(max_length=MAX_REASON)] = ""
    expires: Annotated[str, Field(max_length=40)] = ""
    replace: bool = False
    skip_bad: bool = False


class BadLine(Model):
    """A line that is no entry, and the mend."""

    line: int
    field: str
    value: str
    mend: str


class Imported(Model):
    """`imported` 0 with bad lines: nothing was changed. `left` entries were on the list from another source."""

    imported: int
    left: int
    bad: list[BadLine]
    bad_count: int


class SourceQuery(Model):
    """Where the entries came from."""

    source: Name


class Removed(Model):
    removed: int


async def import_(ask: Ask) -> Imported:
    query: ImportQuery = ask.query
    body = await body_of(ask.request)
    try:
        gathered, bad = await asyncio.to_thread(_gather, body, query, ask.office.plan, ask.office.clock.wall())
    except FileError as error:
        raise ApiError(400, "body", "", str(error)) from error
    if bad and not query.skip_bad:
        return _said(0, 0, bad)
    if not len(gathered):
        raise ApiError(400, "body", "", "holds no entry")
    written = await _write(ask, gathered)
    await told_judge(ask)
    return _said(written, len(gathered) - written, bad)


def _gather(body: bytes, query: ImportQuery, plan: NumberPlan, now: float) -> tuple[Gathered, list[Problem]]:
    """In a thread, with a plan of its own: that of the calls is not made for two."""
    own = NumberPlan(plan.region, 1, plan.pseudonyms)
    maker = EntryMaker(own, now, query.list, one_line(query.source), query.reason, query.expires)
    bad = maker.take_all("line", lines_of(rows_of("the file", io.BytesIO(body).readline)))
    return maker.gathered, bad


async def _write(ask: Ask, gathered: Gathered) -> int:
    query: ImportQuery = ask.query
    groups, replaced = gathered.groups(), one_line(query.source) if query.replace else None
    try:
        await check_patterns(ask.office.store.opened, groups, replaced)
    except ListEntryError as error:
        raise ApiError(409, "body", "", str(error)) from error
    async with audited_change(ask) as change:
        written = await store_lists.add_groups(change.conn, groups, replaced, store_lists.no_progress)
        how = "in place of its last ones" if query.replace else "added"
        await change.says("list import", "", f"{query.list}: {written} entries of {one_line(query.source)}, {how}")
    return written


async def remove_source(ask: Ask) -> Removed:
    source = storable(one_line(ask.query.source))
    async with audited_change(ask) as change:
        cursor = await change.conn.execute(store_lists.DELETE_SOURCE, (source,))
        gone = cursor.rowcount
        await store_lists.settle(change.conn)
        if not gone:
            raise ApiError(404, "query.source", ask.query.source, "no entry came from it")
        await change.says("list source removed", f"{gone} entries of {source}")
    await told_judge(ask)
    return Removed(removed=gone)


def _said(written: int, left: int, bad: list[Problem]) -> Imported:
    lines = [BadLine(line=p.line, field=p.field, value=p.value, mend=p.mend) for p in bad[:TOLD_BAD]]
    return Imported(imported=written, left=left, bad=lines, bad_count=len(bad))


ADMIN = Role.ADMIN
ROUTES = (
    Route(
        *("POST", "/lists/import", "Put a CSV file on a list: number, reason, expires", ADMIN, import_, Imported),
        query=ImportQuery,
        body_media="text/csv",
        errors=(409, 413),
        tag="lists",
    ),
    Route(
        *("DELETE", "/lists", "Remove all that came from one source", ADMIN, remove_source, Removed, SourceQuery),
        errors=(404,),
    ),
)
