"""All calls of a time, oldest first, by one cursor and from one state of the file: for reports, which read far more
than a page and run in a process of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agi_screen.base.store_calls import CALL_COLUMNS, END_COLUMNS
from agi_screen.base.store_conn import Reading
from agi_screen.base.store_opening import reading
from agi_screen.base.store_place import Place

Row = tuple[Any, ...]
FEEDBACK_COLUMNS = ("call_id", "caller", "label", "operator", "at")
SETTING_COLUMNS = ("name", "value", "who", "at")

_COLUMNS = ", ".join([*(f"c.{name}" for name in CALL_COLUMNS), *(f"e.{name}" for name in END_COLUMNS)])
_WITHIN = "started >= ? AND started < ?"
_CALLS = (
    f"SELECT {_COLUMNS} FROM calls c INDEXED BY calls_started "  # noqa: S608 - our own names
    f"LEFT JOIN call_ends e ON e.uniqueid = c.uniqueid AND e.node = c.node WHERE c.{_WITHIN} ORDER BY c.started, c.n"
)
_COUNT = f"SELECT count(*) FROM calls INDEXED BY calls_started WHERE {_WITHIN}"  # noqa: S608
_FIRST = "SELECT min(started) FROM calls INDEXED BY calls_started"
_MINUTES = (
    "SELECT CAST(started / 60 AS INTEGER) AS minute, count(*) FROM calls INDEXED BY calls_started "  # noqa: S608
    f"WHERE {_WITHIN} GROUP BY minute ORDER BY minute"
)
# By its hour first: that index holds the callers, so that no row is read.
_CALLERS = (
    "SELECT caller FROM calls INDEXED BY calls_caller WHERE slot >= CAST(? / 3600 AS INTEGER) "  # noqa: S608
    f"AND slot <= CAST(? / 3600 AS INTEGER) AND {_WITHIN}"
)
_FEEDBACK = (
    "SELECT f.call_id, f.caller, f.label, f.operator, f.at FROM feedback f "  # noqa: S608
    f"JOIN calls c ON c.id = f.call_id WHERE c.{_WITHIN} ORDER BY f.n"
)
_SETTINGS = "SELECT name, value, who, at FROM settings_history WHERE at < ? ORDER BY n"


class StoreRange:
    """What the database holds of the calls that started at `since` or later and before `until` (seconds since 1970
    UTC). Calls that come meanwhile are not seen. Use it only inside `opened_range`, which says errors plainly."""

    def __init__(self, conn: Reading, since: float, until: float) -> None:
        self._conn = conn
        self.since = since
        self.until = until

    def count(self) -> int:
        """How many calls."""
        return int(self._conn.execute(_COUNT, (self.since, self.until)).fetchone()[0])

    def calls(self) -> Iterator[Row]:
        """CALL_COLUMNS and then END_COLUMNS of each call; the latter are None where its end is not known."""
        return iter(self._conn.execute(_CALLS, (self.since, self.until)))

    def first_record(self) -> float | None:
        """When the oldest call of the whole database started."""
        found: float | None = self._conn.execute(_FIRST).fetchone()[0]
        return found

    def calls_a_minute(self, since: float) -> Iterator[tuple[int, int]]:
        """(minutes since 1970, calls) from `since` to the end of this time, without the minutes that had none."""
        return iter(self._conn.execute(_MINUTES, (since, self.until)))

    def callers_before(self, since: float) -> Iterator[tuple[str]]:
        """The callers between `since` and the start of this time, one a call."""
        return iter(self._conn.execute(_CALLERS, (since, self.since, since, self.since)))

    def feedback(self) -> Iterator[Row]:
        """FEEDBACK_COLUMNS of each operator's word on one of these calls."""
        return iter(self._conn.execute(_FEEDBACK, (self.since, self.until)))

    def settings_history(self) -> Iterator[Row]:
        """SETTING_COLUMNS of each setting changed at run time before the end of this time, oldest first."""
        return iter(self._conn.execute(_SETTINGS, (self.until,)))


@contextmanager
def opened_range(place: Place, since: float, until: float, now: float) -> Iterator[StoreRange]:
    """Opens the database for reading alone. Raises StoreError; never sets a damaged file aside."""
    with reading(place, now) as conn:
        yield StoreRange(conn, since, until)
