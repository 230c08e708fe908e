"""What an admin writes in a list → an entry we can match: a number, a prefix `+1415*`, or an Asterisk pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from agi_screen.base.call import Number, NumberKind
from agi_screen.base.errors import ListEntryError
from agi_screen.base.pseudonym import is_pseudonym
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.text import escape

# All patterns together become one regular expression; beyond this its cost would be felt by every call.
MAX_PATTERNS = 256
MAX_WRITTEN = 80
# The daemon takes a group in one step that nothing interrupts: of so many values it takes well under a millisecond.
MAX_GROUP = 20_000

Normalise = Callable[[str], Number]

_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}\*")
_DIGITS = re.compile(r"\+?[0-9]{2,18}")
_WRITTEN = re.compile(r"[0-9+() ./-]+")
_PATTERN_PART = re.compile(r"(?P<set>\[[^]]*\])|(?P<tail>[.!]\Z)|(?P<any>[XZNxzn])|(?P<dash>-)|(?P<one>[0-9+*#])")
_SET = re.compile(r"\[(?:[0-9]-[0-9]|[0-9+*#])+\]")
_RANGE = re.compile(r"([0-9])-([0-9])")
_CLASSES = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]"}
_TAILS = {".": ".+", "!": ".*"}


class BadEntryError(ListEntryError):
    """Keeps the value and the mend apart, so that an import can add the line."""

    def __init__(self, value: str, mend: str) -> None:
        super().__init__(f'list entry "{escape(value)}": {mend}')
        self.value = escape(value)
        self.mend = mend


class Joined(Collection[str]):
    """Values as the one text they are stored in: a million strings would cost the daemon 60 MB, and a pause to free."""

    BREAK = "\n"

    def __init__(self, text: str) -> None:
        self._text = text

    def __len__(self) -> int:
        return self._text.count(self.BREAK) + 1

    def __iter__(self) -> Iterator[str]:
        return iter(self._text.split(self.BREAK))

    def __contains__(self, value: object) -> bool:
        return value in self._text.split(self.BREAK)


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """What many entries share (`head`, its value empty), and their values."""

    head: ListEntry
    values: Collection[str]

    def entries(self) -> Iterator[ListEntry]:
        """The entries one by one."""
        return (replace(self.head, value=value) for value in self.values)


def grouped(entries: Iterable[ListEntry]) -> list[EntryGroup]:
    """Entries gathered by what they share, in the order each group first appears; none over MAX_GROUP."""
    open_groups: dict[tuple[object, ...], list[str]] = {}
    groups: list[EntryGroup] = []
    for e in entries:
        shared = (e.list, e.kind, e.reason, e.source, e.added, e.expires)
        values = open_groups.get(shared)
        if values is None or len(values) >= MAX_GROUP:
            values = open_groups[shared] = []
            groups.append(EntryGroup(replace(e, value=""), values))
        values.append(e.value)
    return groups


def parse_entry(
    text: str,
    name: ListName,
    normalise: Normalise,
    *,
    reason: str = "",
    source: str = "",
    added: float = 0.0,
    expires: float = 0.0,
) -> ListEntry:
    """The entry that `text` means. Raises ListEntryError."""
    kind, value = kind_and_value(text.strip(), normalise)
    return ListEntry(name, kind, value, reason, source, added, expires)


def kind_and_value(text: str, normalise: Normalise) -> tuple[MatchKind, str]:
    """How `text` matches, and its one way of writing. Raises BadEntryError."""
    if len(text) > MAX_WRITTEN:
        raise _refused(text, f"write at most {MAX_WRITTEN} characters")
    if text.startswith("_"):
        pattern_regex(text)
        return MatchKind.PATTERN, text
    if text.endswith("*"):
        return MatchKind.PREFIX, _prefix(text)
    return MatchKind.NUMBER, _number(text, normalise)


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        mend = "write a prefix with its country code, such as +1415*; for extensions a pattern, such as _7XXX"
        raise _refused(text, mend)
    return text


def _number(text: str, normalise: Normalise) -> str:
    number = normalise(text) if _WRITTEN.fullmatch(text) or is_pseudonym(text) else Number(text)
    if number.e164 or (number.kind in (NumberKind.SHORT, NumberKind.INVALID) and _DIGITS.fullmatch(text)):
        return number.known_as
    if number.alias and is_pseudonym(text):
        return text
    raise _refused(text, "write a number such as +14155550100, a prefix such as +1415*, or a pattern such as _+1NXX.")


def pattern_regex(pattern: str) -> str:
    """Asterisk's pattern as a regular expression without nesting, so that no number takes long to judge."""
    parts = list(_parts(pattern))
    if not parts:
        raise _refused(pattern, "write a pattern such as _+1NXXNXXXXXX")
    if parts[-1] in _TAILS.values() and not any("0" <= p <= "9" or (p[0] == "[" and p not in _WIDE) for p in parts):
        raise _refused(pattern, 'it matches every caller; name digits, or set mode = "off" instead')
    return "".join(parts)


_WIDE = frozenset(_CLASSES.values())


def _parts(pattern: str) -> Iterator[str]:
    place = 1
    while place < len(pattern):
        part = _PATTERN_PART.match(pattern, place)
        if part is None:
            mend = "patterns hold digits, +, *, #, X, Z, N, sets such as [2-57], and at their end . or !"
            raise _refused(pattern, f"character {place + 1} is not understood: {mend}")
        place = part.end()
        if part.lastgroup != "dash":  # Asterisk skips it
            yield _translated(pattern, part.lastgroup or "", part[0])


def _translated(pattern: str, kind: str, text: str) -> str:
    if kind == "set":
        if not _SET.fullmatch(text) or any(a > b for a, b in _RANGE.findall(text)):
            raise _refused(pattern, f"{escape(text)} is not understood: write a set of digits, such as [2-57]")
        return text
    if kind == "any":
        return _CLASSES[text.upper()]
    return _TAILS[text] if kind == "tail" else re.escape(text)


def _refused(text: str, mend: str) -> BadEntryError:
    return BadEntryError(text, mend)
