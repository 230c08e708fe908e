"""List entries changed by the desk: checked, written with their line in the audit log, and told to the judge."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base import store_lists
from agi_screen.base.errors import AgiScreenError, ListEntryError
from agi_screen.base.list_entries import MAX_WRITTEN, BadEntryError, grouped, parse_entry
from agi_screen.base.list_gather import MAX_REASON, check_patterns
from agi_screen.base.moments import moment
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.store_list_pages import entry_in
from agi_screen.base.text import escape
from agi_screen.web.access.audit import audited_change
from agi_screen.web.route import ApiError, Ask, Model, Role
from agi_screen.web.said import EntrySaid, entry_said


class NewEntry(Model):
    """`number` is one such as +14155550100, a prefix `+1415*`, or an Asterisk pattern; `expires` a time from now such
    as `7d`, or a date, empty for never."""

    list: ListName
    number: Annotated[str, Field(min_length=1, max_length=MAX_WRITTEN)]
    reason: Annotated[str, Field(max_length=MAX_REASON)] = ""
    expires: Annotated[str, Field(max_length=40)] = ""


class Added(Model):
    """The entry as it stands now, and the one it replaced."""

    entry: EntrySaid
    replaced: EntrySaid | None


async def add_entry(ask: Ask, new: NewEntry, why: str = "") -> Added:
    """An operator adds single numbers, and leaves alone what others put there. `why` goes to the audit log."""
    entry = _entry(ask, new)
    if entry.kind is not MatchKind.NUMBER:
        _only_admin(ask, "a prefix or a pattern")
        await _room_for_it(ask, entry)
    async with audited_change(ask) as change:
        old = await entry_in(change.conn, entry.list, entry.value)
        if old is not None and old.source != ask.who.name and ask.who.role < Role.ADMIN:
            mend = f"{escape(old.source)} has put it on the list already; an admin may change that"
            raise ApiError(409, "body.number", new.number, mend)
        await store_lists.add_groups(change.conn, grouped([entry]), None, store_lists.no_progress)
        await change.says("list entry added", told(old), told(entry) + (f" ({why})" if why else ""))
    await told_judge(ask)
    return Added(entry=entry_said(entry, ask), replaced=entry_said(old, ask) if old else None)


async def remove_entry(ask: Ask, entry: ListEntry) -> EntrySaid:
    """An operator takes off what this operator has put there."""
    if entry.source != ask.who.name or entry.kind is not MatchKind.NUMBER:
        _only_admin(ask, "what somebody else has put on a list")
    async with audited_change(ask) as change:
        old = await entry_in(change.conn, entry.list, entry.value)
        if old is None:
            raise ApiError(404, "value", "", "is not on this list (any more)")
        await change.conn.execute(store_lists.DELETE_ENTRY, (old.list.value, old.value))
        await store_lists.settle(change.conn)
        await change.says("list entry removed", told(old))
    await told_judge(ask)
    return entry_said(old, ask)


async def told_judge(ask: Ask) -> None:
    """The next call meets the lists as they are now. What is written stays written: a restart takes it in too."""
    try:
        await ask.office.load_lists()
    except AgiScreenError as error:
        raise ApiError(503, "lists", "", f"it is written, but the daemon could not take it: {error}") from error


def told(entry: ListEntry | None) -> str:
    """For the audit log: enough to put it back."""
    if entry is None:
        return ""
    words = (f"until={entry.expires:.0f}" if entry.expires else "", entry.reason and f"reason={escape(entry.reason)}")
    more = " ".join(filter(None, (*words, f"by={escape(entry.source)}")))
    return f"{entry.list} {entry.value} {more}"


def expiry(ask: Ask, written: str) -> float:
    """Seconds since 1970, 0 for never. Raises ApiError."""
    now = ask.office.clock.wall()
    try:
        until = moment(written, ahead=True, now=now) if written else 0.0
    except AgiScreenError as error:
        raise ApiError(
            400, "body.expires", written, 'write a time such as "7d", or a date such as "2030-12-31"'
        ) from error
    if until and until <= now:
        raise ApiError(400, "body.expires", written, "is over already")
    return until


def _entry(ask: Ask, new: NewEntry) -> ListEntry:
    try:
        found = parse_entry(new.number, new.list, ask.office.plan.written, reason=new.reason, source=ask.who.name)
    except BadEntryError as error:
        raise ApiError(400, "body.number", new.number, error.mend) from error
    return ListEntry(
        *(found.list, found.kind, found.value, found.reason, found.source),
        added=ask.office.clock.wall(),
        expires=expiry(ask, new.expires),
    )


async def _room_for_it(ask: Ask, entry: ListEntry) -> None:
    try:
        await check_patterns(ask.office.store.opened, grouped([entry]))
    except ListEntryError as error:
        raise ApiError(409, "body.number", entry.value, str(error)) from error


def _only_admin(ask: Ask, what: str) -> None:
    if ask.who.role < Role.ADMIN:
        raise ApiError(403, "role", str(ask.who.role), f"{what} needs the role admin")
