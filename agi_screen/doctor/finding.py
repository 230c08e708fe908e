"""What a check says: a mark, what was looked at, what is so, and how to mend it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Mark(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # works, but not as well as it could, or could not be looked at
    ERROR = "error"  # calls are not screened, or callers and operators are harmed


class Finding(NamedTuple):
    """One thing seen. `mend` is empty where nothing is to be done."""

    mark: Mark
    what: str
    detail: str
    mend: str = ""


def ok(what: str, detail: str) -> Finding:
    return Finding(Mark.OK, what, detail)


def warning(what: str, detail: str, mend: str) -> Finding:
    return Finding(Mark.WARNING, what, detail, mend)


def error(what: str, detail: str, mend: str) -> Finding:
    return Finding(Mark.ERROR, what, detail, mend)


MOST_NAMED = 12


def named(names: list[str] | tuple[str, ...]) -> str:
    """A list for a person: the first names, and how many more there are."""
    shown, more = names[:MOST_NAMED], len(names) - MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
