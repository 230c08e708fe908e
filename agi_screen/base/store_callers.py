"""What is known of callers, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agi_screen.base.records import CallerRecord
from agi_screen.base.text import storable

_COLUMNS = ", ".join(CallerRecord._fields)
_MARKS = ",".join("?" * len(CallerRecord._fields))
_NEW = ", ".join(f"{name} = excluded.{name}" for name in CallerRecord._fields[1:])
INSERT_CALLER = f"INSERT INTO callers ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (caller) DO UPDATE SET {_NEW}"  # noqa: S608 - our own names
_HEARD = "max(last_talk, captcha_at, marked_at)"
_KNOWN = "(talked > 0 OR person > robot)"


def _room(which: str) -> str:
    return f"SELECT * FROM (SELECT {_COLUMNS} FROM callers WHERE {which} ORDER BY {_HEARD} DESC LIMIT ?1) room"  # noqa: S608


# Known callers apart from the others: a flood of numbers that fail the CAPTCHA must not push them out at a restart.
# Oldest first: they are taken in in this order, and the oldest are the first to be forgotten.
SELECT_CALLERS = f"SELECT * FROM ({_room(_KNOWN)} UNION ALL {_room('NOT ' + _KNOWN)}) two ORDER BY {_HEARD}"  # noqa: S608


def caller_rows(callers: Iterable[CallerRecord]) -> Iterator[tuple[object, ...]]:
    """Rows for INSERT_CALLER; in order, so that two daemons do not wait for each other's rows crosswise."""
    return ((storable(c.caller), *c[1:-1], storable(c.trunk)) for c in sorted(callers, key=lambda c: c.caller))
