"""A call when this centre is closed: nobody who knows it calls then. Weak."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? ([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
MEND = 'write opening hours as days and times, such as "mon-fri 08:00-19:00" or "sat 08:00-14:00"'


def spans(text: str) -> list[tuple[int, int]]:
    """Minutes of the week, from and to, that `mon-fri 08:00-19:00` names. ValueError names the mend."""
    found = _HOURS.fullmatch(text.lower())
    first, last = (found[1], found[2] or found[1]) if found else ("", "")
    if found is None or first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
        raise ValueError(MEND)
    begin, end = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
    if not begin < end <= 1440:
        raise ValueError(MEND)
    return [(day * 1440 + begin, day * 1440 + end) for day in range(DAYS.index(first), DAYS.index(last) + 1)]


def _hours(texts: list[str]) -> list[str]:
    for text in texts:
        spans(text)
    return texts


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder of zones
        raise ValueError('write a time zone by its name, such as "America/Chicago"') from error
    return name


class HoursParams(SignalParams):
    """`open`: the hours of this centre; empty: the signal is silent. `zone`: the time zone they are in."""

    open: Annotated[list[str], AfterValidator(_hours)]
    zone: Annotated[str, AfterValidator(_zone)]


class BusinessHours(Signal[HoursParams]):
    """Minutes of the week are looked up in a table made once."""

    name = "business_hours"
    group = "behaviour"
    Params = HoursParams

    def __init__(self, params: HoursParams) -> None:
        super().__init__(params)
        self._zone = ZoneInfo(params.zone)
        self._open = bytearray(10_080)
        for begin, end in (span for text in params.open for span in spans(text)):
            self._open[begin:end] = b"\1" * (end - begin)

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        if not self.params.open:
            return None
        local = datetime.fromtimestamp(call.started, self._zone)
        closed = not self._open[local.weekday() * 1440 + local.hour * 60 + local.minute]
        return Finding(1.0, "outside the opening hours") if closed else None
