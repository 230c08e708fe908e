"""What an admin wrote made into entries, and brought into the database."""

from __future__ import annotations

from collections.abc import Sequence

from agi_screen.base.errors import ListEntryError
from agi_screen.base.list_entries import MAX_PATTERNS, BadEntryError, parse_entry
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.store import Store
from agi_screen.commands.list_file import Line
from agi_screen.commands.with_store import CLOCK, moment, with_store
from agi_screen.settings import Settings


class EntryMaker:
    """Makes entries of lines; what a line leaves open comes from the options."""

    def __init__(self, settings: Settings, name: ListName, source: str, reason: str = "", expires: str = "") -> None:
        self._name = name
        self._normalise = NumberPlan(settings.config.numbers.region, 1).number
        self._source = source
        self._default = (reason, expires)
        self._now = CLOCK.wall()

    def __call__(self, line: Line) -> ListEntry:
        reason, expires = line.reason or self._default[0], line.expires or self._default[1]
        until = moment(expires, ahead=True, now=self._now) if expires else 0.0
        shared = {"reason": reason, "source": self._source}
        return parse_entry(line.number, self._name, self._normalise, **shared, added=self._now, expires=until)


def canonical(settings: Settings, name: ListName, value: str) -> str:
    """As it stands in the list; what cannot be understood is looked for as it is."""
    try:
        return parse_entry(value, name, NumberPlan(settings.config.numbers.region, 1).number).value
    except BadEntryError:
        return value


def add_entries(settings: Settings, entries: Sequence[ListEntry]) -> None:
    """All or none, into the database."""

    async def work(store: Store) -> None:
        if new := {(e.list, e.value) for e in entries if e.kind is MatchKind.PATTERN}:
            await _check_patterns(store, new)
        await store.add_entries(entries)

    with_store(settings, work, create=True)


async def _check_patterns(store: Store, new: set[tuple[ListName, str]]) -> None:
    """More patterns than the daemon takes must not get as far as its start."""
    groups = await store.entry_groups()
    old = {(g.head.list, value) for g in groups if g.head.kind is MatchKind.PATTERN for value in g.values}
    if len(old | new) > MAX_PATTERNS:
        mend = "write prefixes (+1415*) where a pattern only fixes the beginning, or remove old ones"
        raise ListEntryError(f"lists: {len(old | new)} patterns, at most {MAX_PATTERNS} are taken: {mend}")
