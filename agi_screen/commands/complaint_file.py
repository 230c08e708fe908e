"""The public lists of complaints about calls: the FTC's and the FCC's CSV, known by their headings.

Complaints are hearsay about numbers that may be spoofed: one person's number, forged once, gets one or two. So a
number needs several, from different places or days, and is taken for a while only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from agi_screen.base.call import NumberKind
from agi_screen.base.errors import Problem
from agi_screen.base.list_file import FileError, Row
from agi_screen.base.numbers import NumberPlan

MAX_NUMBERS = 10_000_000
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)|(?P<M>\d\d?)/(?P<D>\d\d?)/(?P<Y>\d{4})(?!\d)", re.ASCII)
_BLANKS = str.maketrans("", "", " ()-.")


@dataclass(frozen=True, slots=True)
class ComplaintFormat:
    """Columns by their headings, written as `named` writes them. A complaint's day is the earliest of its `days`."""

    name: str
    number: str
    days: tuple[str, ...]
    place: tuple[str, ...]


# "Do Not Call Reported Calls Data", a file a day.
FTC = ComplaintFormat(
    "ftc",
    "company_phone_number",
    ("created_date", "violation_date"),
    ("consumer_city", "consumer_state", "consumer_area_code"),
)
# "Consumer Complaints Data - Unwanted Calls": as downloaded, by its API's names, and the weekly file of earlier years.
FCC = ComplaintFormat(
    "fcc",
    "caller_id_number",
    (
        "ticket_created",
        "date_created",
        "date_of_issue",
        "issue_date",
        "date_ticket_created",
        "date_ticket_date_of_issue",
    ),
    ("city", "state", "zip"),
)
FORMATS = (FTC, FCC)


def named(heading: str) -> str:
    """`Caller ID Number` and `caller_id_number` are the same column."""
    return _NOT_WORD.sub("_", heading.lower()).strip("_")


def recognised(headings: list[str]) -> ComplaintFormat | None:
    """The format that has these headings."""
    names = set(map(named, headings))
    return next((f for f in FORMATS if f.number in names and names & set(f.days)), None)


class Complained(NamedTuple):
    """What is said of a number: how many complaints, and the last one's day (as `date.toordinal`)."""

    voices: int
    last: int


class Complaints:
    """Counts the complaints of a file by number; `passed` says why others were not counted."""

    def __init__(self, kind: ComplaintFormat, plan: NumberPlan, since: date, today: date) -> None:
        self.passed: Counter[str] = Counter()
        self.counted = 0
        self._format = kind
        self._plan = plan
        self._since = since.toordinal()
        self._latest = today.toordinal() + 1  # a day ahead of us is a time zone, a year ahead is a slip
        self._seen: set[int] = set()
        self._by_number: dict[str, Complained] = {}
        self._same: dict[Complained, Complained] = {}  # few differ: one object for all alike

    def read(self, path: Path, rows: Iterable[Row]) -> None:
        """Takes the whole file. Raises FileError when it lacks the columns of its format."""
        rows = iter(rows)
        columns = self._columns(path, next(rows, Row(0, [])))
        for _, cells in rows:
            why = self._take(cells, *columns)
            if why:
                self.passed[why] += 1
            else:
                self.counted += 1
            if len(self._by_number) > MAX_NUMBERS:
                raise FileError(f"{path}: more than {MAX_NUMBERS} numbers: import it in parts, or with a later --since")

    def _columns(self, path: Path, head: Row) -> tuple[int, list[int], list[int]]:
        places = {named(heading): place for place, heading in enumerate(head.cells)}
        days = [places[name] for name in self._format.days if name in places]
        if self._format.number not in places or not days:
            mend = f"has no columns {self._format.number} and {self._format.days[0]}: is it a file of another --format?"
            raise FileError(str(Problem(str(path), "headings", "", mend, head.line)))
        return places[self._format.number], days, [places[name] for name in self._format.place if name in places]

    def _take(self, cells: list[str], number_at: int, days_at: list[int], place_at: list[int]) -> str:
        """Counts one complaint, or says why not."""
        width = len(cells)
        number = self._number(cells[number_at]) if number_at < width else ""
        if not number:
            return "no_number"
        day = min((d for at in days_at if at < width and (d := day_of(cells[at][:11]))), default=0)
        if not 0 < day <= self._latest:
            return "no_date"
        if day < self._since:
            return "too_old"
        # One person who complains of each ring has one voice a day.
        voice = hash((number, day, *[cells[at] for at in place_at if at < width]))
        if voice in self._seen:
            return "repeated"
        self._seen.add(voice)
        old = self._by_number.get(number)
        new = Complained(old.voices + 1, max(old.last, day)) if old else Complained(1, day)
        self._by_number[number] = self._same.setdefault(new, new)
        return ""

    def _number(self, written: str) -> str:
        """E.164 of what can be a caller's number; people also write `None`, `000-000-0000` and worse."""
        found = self._plan.number(written.translate(_BLANKS))
        return found.e164 if found.kind is NumberKind.VALID else ""

    def numbers(self, least: int) -> Iterator[tuple[str, Complained]]:
        """Those with at least so many complaints; the others are counted as `too_few`."""
        for number, said in self._by_number.items():
            if said.voices >= least:
                yield number, said
            else:
                self.passed["too_few"] += 1


@lru_cache(8192)
def day_of(text: str) -> int:
    """The day that `text` begins with, `2026-09-23…` or `9/23/2026…`, as `date.toordinal`; 0 for none."""
    found = _DAY.match(text)
    if found is None:
        return 0
    year, month, day = (int(found[a] or found[a.swapcase()]) for a in "ymd")
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return 0
