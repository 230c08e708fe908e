"""The lists: who is always let through, who never, who is challenged."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Annotated

from aiohttp import web
from pydantic import Field

from agi_screen.base.list_csv import write_csv
from agi_screen.base.list_entries import BadEntryError, kind_and_value
from agi_screen.base.records import ListEntry, ListName
from agi_screen.base.store import Store
from agi_screen.base.store_list_pages import (
    FIRST,
    EntryPage,
    EntryPlace,
    entries_from,
    entry_counts,
    newest_entries,
    one_entry,
)
from agi_screen.web.entries import Added, NewEntry, add_entry, remove_entry
from agi_screen.web.route import ApiError, Ask, Model, Nothing, Role, Route
from agi_screen.web.said import EntrySaid, entry_said, eyes
from agi_screen.web.sealed import seal, unseal

EXPORTED_AT_ONCE = 2_000
NUMBER_SIGNS = frozenset("+0123456789_*#~")


class ListsQuery(Model):
    """`search`: the beginning of a number, or words of a reason or a source. Who sees numbers masked must write a
    number whole. `after` is `next` of the page before."""

    list: ListName = ListName.ALLOW
    search: Annotated[str, Field(max_length=80)] = ""
    after: Annotated[str, Field(max_length=400)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Entries(Model):
    """Newest first, or in the order of their numbers where one was searched for. `next` is empty at the end.
    `matching`: the entries, of any list, that the judge would go by for the number searched for."""

    entries: list[EntrySaid]
    next: str
    counts: dict[ListName, int]
    matching: list[EntrySaid]


async def lists(ask: Ask) -> Entries:
    query: ListsQuery = ask.query
    store, search = ask.office.store.opened, query.search.strip()
    place = _place(query.after)
    page = await _page(ask, store, search, place)
    asked = search[:1] in NUMBER_SIGNS and search and not query.after
    who = ask.office.plan.written(search)
    matching = ask.office.listed(_key(ask, search) if not who.alias else who.key, who.alias) if asked else ()
    return Entries(
        entries=[entry_said(entry, ask) for entry in page.entries],
        next=seal(f"{page.next.group} {page.next.value}") if page.next else "",
        counts=await entry_counts(store),
        matching=[entry_said(entry, ask) for entry in matching],
    )


async def _page(ask: Ask, store: Store, search: str, place: EntryPlace | None) -> EntryPage:
    query: ListsQuery = ask.query
    masks = eyes(ask).masks
    if search[:1] not in NUMBER_SIGNS or not search:
        # Words of a reason may be a number too: masked, they would be found digit by digit.
        if masks and any(map(str.isdigit, search)):
            raise ApiError(400, "query.search", search, "numbers are masked for you: write a number whole, or words")
        return await newest_entries(store, query.list, search, place or FIRST, query.limit)
    if masks:
        found = await one_entry(store, query.list, _key(ask, search))
        return EntryPage([found] if found else [], None)
    return await entries_from(store, query.list, _beginning(ask, search), place, query.limit)


def _beginning(ask: Ask, search: str) -> str:
    """`415 555` as it would stand in the list; what is no whole number is taken as it is, without its blanks."""
    key = _key(ask, search)
    return key if key.startswith("+") else "".join(sign for sign in search if sign not in " ().-/").rstrip("*")


def _key(ask: Ask, search: str) -> str:
    try:
        return kind_and_value(search, ask.office.plan.written)[1]
    except BadEntryError:
        return search


def _place(after: str) -> EntryPlace | None:
    if not after:
        return None
    try:
        group, _, value = unseal(after).partition(" ")
        return EntryPlace(int(group), value)
    except ValueError as error:
        raise ApiError(400, "query.after", after, "this page is over: begin at the first one") from error


async def add(ask: Ask) -> Added:
    return await add_entry(ask, ask.body)


async def remove(ask: Ask) -> EntrySaid:
    name = _list(ask.path["list"])
    found = await one_entry(ask.office.store.opened, name, _key(ask, ask.path["value"]))
    if found is None:
        raise ApiError(404, "value", ask.path["value"], f"is not on the {name} list")
    return await remove_entry(ask, found)


async def export(ask: Ask) -> web.StreamResponse:
    """All of a list, as it is when its turn comes: a change meanwhile may be in it or not."""
    if eyes(ask).masks:
        raise ApiError(403, "role", str(ask.who.role), "numbers are masked for you: an admin can export")
    name = _list(ask.path["list"])
    store = ask.office.store.opened
    headers = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}.csv"'}
    response = web.StreamResponse(headers={**headers, "Cache-Control": "no-store"})
    await response.prepare(ask.request)
    first = True
    async for entries in _portions(store, name):
        text = io.StringIO(newline="")
        write_csv(text, entries, headings=first)
        first = False
        await response.write(text.getvalue().encode("utf-8", "replace"))
    await response.write_eof()
    return response


async def _portions(store: Store, name: ListName) -> AsyncIterator[list[ListEntry]]:
    place: EntryPlace | None = None
    while True:
        page = await entries_from(store, name, "", place, EXPORTED_AT_ONCE)
        yield page.entries
        if page.next is None:
            return
        place = page.next


def _list(written: str) -> ListName:
    if written not in list(ListName):
        raise ApiError(404, "list", written, "say allow, deny or suspect")
    return ListName(written)


ROUTES = (
    Route("GET", "/lists", "Entries of a list", Role.VIEWER, lists, Entries, ListsQuery),
    Route(
        *("POST", "/lists", "Add an entry; one of the same number is replaced", Role.OPERATOR, add, Added),
        body=NewEntry,
        errors=(409,),
    ),
    Route("DELETE", "/lists/{list}/{value}", "Remove an entry", Role.OPERATOR, remove, EntrySaid, errors=(404,)),
    Route(
        *("GET", "/lists/export/{list}", "A list as CSV, which can be imported again", Role.VIEWER, export, Nothing),
        errors=(404,),
        media="text/csv",
    ),
)
