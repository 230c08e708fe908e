"""The counters of the live page. A call costs a look at the clock and one append; the rest is done a second at a time.

All calls that wait here came in the same second: they are folded in when the next one begins, or at the next look.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from operator import attrgetter
from typing import Any, NamedTuple

from agi_screen.base.clock import Clock
from agi_screen.base.pseudonym import beginning
from agi_screen.base.records import CallEnd, CallRecord
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.trail.board.distinct import Distinct
from agi_screen.trail.board.newest import Newest
from agi_screen.trail.board.rates import Rates
from agi_screen.trail.board.tally import Tally
from agi_screen.trail.board.top import Top

NANOSECONDS = 1_000_000_000
SECONDS, MINUTES = 900, 1440
BATCH = 256  # calls that are folded in at a time: half a millisecond
SLICE_SECONDS = 180
SHOWN = 10  # of each list
NONE = frozenset({""})
OFFERED_NONE = "elsewhere"
VERDICTS = tuple(verdict.value for verdict in Verdict)
CAPTCHAS = ("passed", "failed", "hungup", OFFERED_NONE)
COLUMNS = (*VERDICTS, *CAPTCHAS)
_COLUMN = {name: place for place, name in enumerate(COLUMNS)}
_CHALLENGE = _COLUMN["challenge"]

_judged = attrgetter("verdict._value_")


class Mark(NamedTuple):
    """How far somebody has seen: the last whole second and minute, the last call, the last end."""

    second: int = -1
    minute: int = -1
    call: int = 0
    end: int = 0


def _keys(records: list[CallRecord]) -> dict[str, list[str]]:
    """What is counted of each call; by place, as names cost more. An empty one is not counted."""
    return {
        "callers": [r[3] or r[4] or r[5] for r in records],
        "blocks": [beginning(r[3], 4) for r in records],
        "areas": [beginning(r[3], 7) or r[5] for r in records],
        "trunks": [r[8] for r in records],
        "dids": [r[7] for r in records],
    }


LISTS = tuple(_keys([]))


class Board:
    """`challenged`, `decided` and `ended` are told by the trail; `parts` is what is shown."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ticks = clock.ticks
        self._second = clock.ticks() // NANOSECONDS
        self._waiting: list[CallRecord] = []
        self._challenged = 0
        self.since = clock.wall()
        self.totals = [0] * len(COLUMNS)
        self._tally = Tally()
        self._seconds = Rates(SECONDS, len(COLUMNS))
        self._minutes = Rates(MINUTES, len(COLUMNS))
        self._distinct = {"callers": Distinct(), "blocks": Distinct()}
        self._tops = {name: Top() for name in LISTS}
        self._newest = Newest()
        self._turn(self._second)

    def challenged(self) -> None:
        """A caller goes into the CAPTCHA: counted now, and not again when it is over."""
        second = self._ticks() // NANOSECONDS
        if second != self._second:
            self._turn(second)
        self._challenged += 1

    def decided(self, record: CallRecord) -> None:
        """A call has its verdict."""
        second = self._ticks() // NANOSECONDS
        if second != self._second:
            self._turn(second)
        self._waiting.append(record)
        if len(self._waiting) >= BATCH:
            self._fold()

    def ended(self, end: CallEnd, record: CallRecord) -> None:
        """A call is over."""
        self._newest.ended(record, end)

    def forget(self, names: Collection[str]) -> int:
        """Shows a caller no more; returns in how many of the newest calls that was. Sums stay as they are."""
        self._fold()
        self._tops["callers"].forget(names)
        return self._newest.forget(names)

    def parts(self, mark: Mark) -> tuple[dict[str, Any], Mark]:
        """What is to be seen, of the series and the calls what came after the mark; and the mark of next time."""
        second = self._ticks() // NANOSECONDS
        if second != self._second:
            self._turn(second)
        self._fold()
        minute = second // 60
        newest = self._newest
        first, rows = self._seconds.rows(mark.second, second - 1)
        first_minute, minutes = self._minutes.rows(mark.minute - 1, minute)
        told = {
            "columns": COLUMNS,
            "seconds": {"first": first, "rows": rows},
            "minutes": {"first": first_minute, "rows": minutes},
            "recent": dict(zip(COLUMNS, self._seconds.sums, strict=True)),
            "totals": dict(zip(COLUMNS, self.totals, strict=True)),
            "distinct": {name: counted.state() for name, counted in self._distinct.items()},
            "top": {name: _shown(top) for name, top in self._tops.items()},
            "calls": newest.calls_after(mark.call),
            "ends": newest.ends_after(mark.end),
        }
        return told, Mark(second - 1, minute, newest.calls, newest.ends)

    def lately(self, seconds: int) -> tuple[dict[str, float], dict[str, int]]:
        """Calls a second by verdict, the mean of the last whole seconds; and all counts of the last 15 minutes."""
        second = self._ticks() // NANOSECONDS
        if second != self._second:
            self._turn(second)
        self._fold()
        _, rows = self._seconds.rows(second - 1 - seconds, second - 1)
        sums = [sum(column) for column in zip(*rows, strict=True)] or [0] * len(COLUMNS)
        rates = {name: round(sums[_COLUMN[name]] / seconds, 2) for name in VERDICTS}
        return rates, dict(zip(COLUMNS, self._seconds.sums, strict=True))

    @property
    def tally(self) -> Tally:
        """The sums of all calls so far."""
        second = self._ticks() // NANOSECONDS
        if second != self._second:
            self._turn(second)
        self._fold()
        return self._tally

    def _turn(self, second: int) -> None:
        """The second that was is over."""
        self._fold()
        self._second = second
        self._seconds.turn(second)
        self._minutes.turn(second // 60)
        day = time.strftime("%Y-%m-%d", time.localtime(self._clock.wall()))
        for counted in self._distinct.values():
            counted.turn(second // 60, day)
        for top in self._tops.values():
            top.turn(second // SLICE_SECONDS)

    def _fold(self) -> None:
        """Counts what waits, in the second it came in."""
        records, challenged = self._waiting, self._challenged
        if not records and not challenged:
            return
        self._waiting, self._challenged = [], 0
        row = _counted(records, challenged)
        self._seconds.add_row(self._second, row)
        self._minutes.add_row(self._second // 60, row)
        self.totals = [total + new for total, new in zip(self.totals, row, strict=True)]
        keys = _keys(records)
        stopped = _keys([r for r in records if r[10] is not Verdict.ALLOW])
        for name, top in self._tops.items():
            top.add(keys[name], stopped[name])
        self._distinct["callers"].add(set(keys["callers"]))
        self._distinct["blocks"].add(set(keys["blocks"]) - NONE)
        self._newest.add(records)
        self._tally.add(records)


def _counted(records: list[CallRecord], challenged: int) -> list[int]:
    row = [0] * len(COLUMNS)
    row[_CHALLENGE] = challenged
    for verdict, count in Counter(map(_judged, records)).items():
        row[_COLUMN[verdict]] += count
    for record in records if row[_CHALLENGE] > challenged else ():
        if record.verdict is Verdict.CHALLENGE and (result := _result(record)):
            row[_CHALLENGE] -= 1  # it was counted when it began
            row[_COLUMN[result]] += 1
    return row


def _result(record: CallRecord) -> str:
    """How the CAPTCHA ended; empty for a challenge that was left to the dialplan."""
    if record.error:  # full, over the limit, or no prompts: whoever hung up then was in none
        return OFFERED_NONE
    return record.captcha.value if record.captcha is not CaptchaResult.SKIPPED else ""


def _shown(top: Top) -> dict[str, Any]:
    return {"short": top.short, "rows": top.first(SHOWN)}
