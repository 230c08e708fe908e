"""What is known of callers, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agi_screen.base.records import CallerRecord
from agi_screen.base.text import storable

_COLUMNS = ", ".join(CallerRecord._fields)
_MARKS = ",".join("?" * len(CallerRecord._fields))
INSERT_CALLER = f"INSERT OR REPLACE INTO callers ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - our own names
# The last heard of, oldest first: they are taken in in this order, and the oldest are the first to be forgotten.
SELECT_CALLERS = (
    f"SELECT * FROM (SELECT {_COLUMNS} FROM callers "  # noqa: S608
    "ORDER BY max(last_talk, captcha_at, marked_at) DESC LIMIT ?) ORDER BY max(last_talk, captcha_at, marked_at)"
)


def caller_rows(callers: Iterable[CallerRecord]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_CALLER."""
    return ((storable(c.caller), *c[1:-1], storable(c.trunk)) for c in callers)
