"""What people wrote, gathered into entries for the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from agi_screen.base.errors import AgiScreenError, ListEntryError, Problem
from agi_screen.base.list_entries import MAX_GROUP, MAX_PATTERNS, BadEntryError, EntryGroup, kind_and_value
from agi_screen.base.list_file import FileError, Line
from agi_screen.base.moments import moment
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.store import Store
from agi_screen.base.text import escape

MAX_REASON = 200
MAX_BAD = 10_000
MAX_ENTRIES = 10_000_000


class Gathered:
    """The entries of one change, in groups from the start; of several alike the last one counts."""

    def __init__(self, name: ListName, source: str, added: float) -> None:
        self._blank = ListEntry(name, MatchKind.NUMBER, "", "", source, added)
        self._heads: dict[tuple[MatchKind, str, float], ListEntry] = {}
        self._by_value: dict[str, ListEntry] = {}

    def put(self, kind: MatchKind, value: str, reason: str, expires: float) -> None:
        """One entry; `expires` 0 is never."""
        head = self._heads.get((kind, reason, expires))
        if head is None:
            head = replace(self._blank, kind=kind, reason=reason[:MAX_REASON], expires=expires)
            self._heads[kind, reason, expires] = head
        self._by_value[value] = head

    def __len__(self) -> int:
        return len(self._by_value)

    @property
    def values(self) -> list[str]:
        return list(self._by_value)

    def groups(self) -> list[EntryGroup]:
        """All entries, for the store."""
        by_head: dict[int, list[str]] = {id(head): [] for head in self._heads.values()}
        for value, head in self._by_value.items():
            by_head[id(head)].append(value)
        for values in by_head.values():
            values.sort()  # a tree that grows at its end is written several times as fast
        return [
            EntryGroup(head, values[place : place + MAX_GROUP])
            for head in self._heads.values()
            for values in (by_head[id(head)],)
            for place in range(0, len(values), MAX_GROUP)
        ]


class EntryMaker:
    """Takes lines into `gathered`; what a line leaves open comes from the options."""

    def __init__(
        self, plan: NumberPlan, now: float, name: ListName, source: str, reason: str = "", expires: str = ""
    ) -> None:
        self._plan = plan
        self._reason = reason
        self._expires = expires
        self._now = now
        self._until = lru_cache(1024)(self._until_of)
        self.gathered = Gathered(name, source, self._now)

    def take(self, line: Line) -> None:
        """Raises BadEntryError for its number, TimeError for its `expires`."""
        _, number, reason, expires = line
        plain = self._plan.pseudonyms is None
        north_american = self._plan.north_american(number) if plain else ""  # nearly all of a large file
        kind, value = (
            (MatchKind.NUMBER, north_american) if north_american else kind_and_value(number, self._plan.written)
        )
        self.gathered.put(kind, value, reason or self._reason, self._until(expires or self._expires))

    def take_all(self, path: str, lines: Iterable[Line]) -> list[Problem]:
        """Takes the good lines; returns what is wrong with the others."""
        bad: list[Problem] = []
        for line in lines:
            if len(bad) > MAX_BAD or len(self.gathered) > MAX_ENTRIES:
                raise FileError(f"{path}: more than {MAX_BAD} bad lines, or {MAX_ENTRIES} good ones: is this a list?")
            try:
                self.take(line)
            except BadEntryError as error:
                bad.append(Problem(path, "number", error.value, error.mend, line.line))
            except AgiScreenError as error:
                bad.append(Problem(path, "expires", escape(line.expires), str(error), line.line))
        return bad

    def _until_of(self, expires: str) -> float:
        return moment(expires, ahead=True, now=self._now) if expires else 0.0


async def check_patterns(store: Store, groups: Iterable[EntryGroup], replaced: str | None = None) -> None:
    """More patterns than the daemon takes must not get as far as its start. Raises ListEntryError."""
    new = {(g.head.list, v) for g in groups if g.head.kind is MatchKind.PATTERN for v in g.values}
    if not new:
        return
    patterns = [g for g in await store.entry_groups() if g.head.kind is MatchKind.PATTERN]
    old = {(g.head.list, v) for g in patterns if g.head.source != replaced for v in g.values}
    if len(old | new) > MAX_PATTERNS:
        mend = "write prefixes (+1415*) where a pattern only fixes the beginning, or remove old ones"
        raise ListEntryError(f"lists: {len(old | new)} patterns, at most {MAX_PATTERNS} are taken: {mend}")
