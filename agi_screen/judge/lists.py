"""The lists as a call meets them: compiled in memory, so that a million entries cost no more than ten."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agi_screen.base.errors import ListEntryError
from agi_screen.base.list_entries import MAX_PATTERNS, EntryGroup, grouped, pattern_regex
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.judge.number_table import NumberTable

_HEAD = re.compile(r"_[0-9+*#]*")


def _good(entry: ListEntry, now: float) -> bool:
    return not entry.expires or now < entry.expires


Placed = tuple[int, ListEntry]


class _SameHead:
    """Patterns that begin with the same digits, as one regular expression."""

    def __init__(self, placed: list[Placed]) -> None:
        sources = [pattern_regex(entry.value) for _, entry in placed]
        self._placed = placed
        self._each = [re.compile(source, re.DOTALL) for source in sources]
        self._all = re.compile("|".join(f"({source})" for source in sources), re.DOTALL)

    def match(self, number: str, now: float) -> Placed | None:
        found = self._all.fullmatch(number)
        if found is None or found.lastindex is None:
            return None
        placed = self._placed[found.lastindex - 1]
        return placed if _good(placed[1], now) else self._one_by_one(number, now)

    def _one_by_one(self, number: str, now: float) -> Placed | None:
        """The rare case: the first to match has expired since the list was compiled."""
        pairs = zip(self._placed, self._each, strict=True)
        return next((p for p, each in pairs if _good(p[1], now) and each.fullmatch(number)), None)


class _Patterns:
    """All patterns of a list; the first one written wins. Only those whose first digits fit are tried."""

    def __init__(self, entries: list[ListEntry]) -> None:
        heads: dict[str, list[Placed]] = {}
        for place, entry in enumerate(entries):
            found = _HEAD.match(entry.value)
            heads.setdefault(found[0][1:] if found else "", []).append((place, entry))
        self._heads = {head: _SameHead(placed) for head, placed in heads.items()}
        self._lengths = sorted({len(head) for head in heads})
        self._count = len(entries)

    def __len__(self) -> int:
        return self._count

    def match(self, number: str, now: float) -> ListEntry | None:
        found: Placed | None = None
        for length in self._lengths:
            same = self._heads.get(number[:length])
            here = same.match(number, now) if same else None
            if here and (found is None or here[0] < found[0]):
                found = here
        return found[1] if found else None


class _List:
    """One of the lists. Within it the whole number beats the longest prefix beats a pattern."""

    def __init__(self, groups: Iterable[EntryGroup]) -> None:
        numbers: list[EntryGroup] = []
        patterns: list[ListEntry] = []
        self._prefixes: dict[str, ListEntry] = {}
        for group in groups:
            if group.head.kind is MatchKind.NUMBER:
                numbers.append(group)
            elif group.head.kind is MatchKind.PREFIX:
                self._prefixes.update((entry.value.rstrip("*"), entry) for entry in group.entries())
            else:
                patterns += group.entries()
        self._numbers = NumberTable(numbers)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes}, reverse=True)
        self._patterns = _Patterns(patterns)

    def __len__(self) -> int:
        return len(self._numbers) + len(self._prefixes) + len(self._patterns)

    def match(self, number: str, now: float, alias: str) -> ListEntry | None:
        for exact in (alias, number) if alias else (number,):
            head = self._numbers.get(exact)
            if head is not None and _good(head, now):
                return ListEntry(head.list, head.kind, exact, head.reason, head.source, head.added, head.expires)
        for length in self._lengths:
            entry = self._prefixes.get(number[:length])
            if entry is not None and _good(entry, now):
                return entry
        return self._patterns.match(number, now)


class Lists:
    """All lists. Allow beats deny; who is on suspect is asked apart, for it decides nothing by itself."""

    def __init__(self, allow: _List, deny: _List, suspect: _List) -> None:
        self.sizes = {"allow": len(allow), "deny": len(deny), "suspect": len(suspect)}
        self._deciding = [one for one in (allow, deny) if len(one)]
        self._suspect = suspect if len(suspect) else None
        # Most places have no lists: then not even a number is put together to look for.
        self.deciding, self.suspecting = bool(self._deciding), self._suspect is not None

    @classmethod
    def build(cls, entries: Iterable[ListEntry], now: float) -> Lists:
        """Compiles what has not expired. Raises ListEntryError for more patterns than are bearable."""
        return cls.build_groups(grouped(entries), now)

    @classmethod
    def build_groups(cls, groups: Iterable[EntryGroup], now: float) -> Lists:
        """The same from groups, as the store gives them: quicker by far for many numbers."""
        good = [group for group in groups if _good(group.head, now)]
        patterns = sum(len(g.values) for g in good if g.head.kind is MatchKind.PATTERN)
        if patterns > MAX_PATTERNS:
            mend = f"keep to {MAX_PATTERNS} by writing prefixes (+1415*) where a pattern only fixes the beginning"
            raise ListEntryError(f"lists: {patterns} patterns: {mend}")
        names = (ListName.ALLOW, ListName.DENY, ListName.SUSPECT)
        return cls(*(_List(g for g in good if g.head.list is name) for name in names))

    def __len__(self) -> int:
        return sum(map(len, self._deciding)) + (len(self._suspect) if self._suspect is not None else 0)

    def match(self, number: str, now: float, alias: str = "") -> ListEntry | None:
        """The entry that decides this caller, if any. `number` is the caller's `Number.key`, `alias` its pseudonym."""
        for one in self._deciding:
            found = one.match(number, now, alias)
            if found is not None:
                return found
        return None

    def suspect(self, number: str, now: float, alias: str = "") -> ListEntry | None:
        """The entry of the suspect list that speaks against this caller, if any."""
        return self._suspect.match(number, now, alias) if self._suspect is not None else None
