"""Changes of the lists, brought into the database."""

from __future__ import annotations

from collections.abc import Sequence

from agi_screen.base.list_entries import BadEntryError, EntryGroup, parse_entry
from agi_screen.base.list_gather import EntryMaker, check_patterns
from agi_screen.base.records import ListName
from agi_screen.base.store import Store
from agi_screen.base.store_lists import Progress, no_progress
from agi_screen.commands.with_store import CLOCK, with_store
from agi_screen.settings import Settings


def entry_maker(settings: Settings, name: ListName, source: str, reason: str = "", expires: str = "") -> EntryMaker:
    """For entries that are written now, under this configuration."""
    return EntryMaker(settings.plan(1), CLOCK.wall(), name, source, reason, expires)


def canonical(settings: Settings, name: ListName, value: str) -> str:
    """As it stands in the list; what cannot be understood is looked for as it is."""
    try:
        return parse_entry(value, name, settings.plan(1).written).value
    except BadEntryError:
        return value


def add_groups(
    settings: Settings, groups: Sequence[EntryGroup], *, replaced: str | None = None, progress: Progress = no_progress
) -> int:
    """All or none, into the database; see `Store.add_groups`. What expired long ago goes on the way."""

    async def work(store: Store) -> int:
        await check_patterns(store, groups, replaced)
        written = await store.add_groups(groups, replaced=replaced, progress=progress)
        await store.purge_entries()
        return written

    return with_store(settings, work, create=True)
