"""Where numbers are assigned to: country and place by the numbering plan's own tables. A forged number has the place
of the number that was forged, so this says where numbers belong, never where callers sat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from phonenumbers import (
    PhoneNumber,
    PhoneNumberType,
    carrier,
    geocoder,
    number_type,
    parse,
    region_code_for_number,
    timezone,
)
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.geodata.locale import LOCALE_DATA
from phonenumbers.phonenumberutil import NumberParseException

from agi_screen.what_if.investigate.columns import VERDICTS, Bools, Columns, Ints
from agi_screen.what_if.investigate.numbers import AREA, EXCHANGE, THOUSAND

UNKNOWN = "(not known)"
NO_NUMBER = "(no number)"
_NANP = range(10_000_000_000, 20_000_000_000)
_EXCHANGE: int = 10**EXCHANGE
_THOUSAND: int = 10**THOUSAND
_WHOLE_WORLD = 5  # a number with more time zones than this, such as a toll-free one, has none of its own


class Place(NamedTuple):
    """What a number's beginning says. `carrier` is who was given the range; numbers move to others since."""

    country: str
    area: str
    place: str
    zone: str
    carrier: str


NOWHERE = Place(NO_NUMBER, "", "", "", "")


class Places:
    """Numbers → places, each prefix looked up once."""

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}
        self._areas: dict[int, tuple[str, str]] = {}

    def of(self, number: int) -> Place:
        """The place of an E.164 number; NOWHERE of what is none (below zero)."""
        if number < 0:
            return NOWHERE
        prefix = _prefix(number)
        found = self._places.get(prefix)
        if found is None:
            found = self._places[prefix] = self._look_up(number)
        return found

    def _look_up(self, number: int) -> Place:
        try:
            parsed = parse(f"+{number}")
        except NumberParseException:
            return Place(UNKNOWN, "", "", "", "")
        north_american = number in _NANP
        key = number // 10**AREA if north_american else _prefix(number)
        area = self._areas.get(key)
        if area is None:
            area = self._areas[key] = _area(parsed, str(key)[1:] if north_american else "")
        zones = timezone.time_zones_for_geographical_number(parsed)
        zone = zones[0] if len(zones) <= _WHOLE_WORLD and zones[0] != "Etc/Unknown" else ""
        name = carrier.name_for_valid_number(parsed, "en")
        return Place(*area, geocoder.description_for_valid_number(parsed, "en"), zone, name)


def _prefix(number: int) -> int:
    """As many digits as any of the tables looks at."""
    size = _EXCHANGE if number in _NANP else _THOUSAND
    return number // size


def _area(number: PhoneNumber, npa: str) -> tuple[str, str]:
    """Country and, in North America, the area code with its state: of +1 the area code alone decides the country."""
    probe = PhoneNumber(country_code=1, national_number=int(f"{npa}5550100")) if npa else number
    if npa and number_type(number) == PhoneNumberType.TOLL_FREE:
        return "North America", f"{npa} toll-free"
    region = region_code_for_number(probe) or region_code_for_number(number) or ""
    state = GEOCODE_DATA.get(f"1{npa}", {}).get("en", "")  # asked by a number, the library may name a town of it
    return _country(region), f"{npa} {state}".strip()


def _country(region: str) -> str:
    """The English name of a region; the table refers to another language where both call it the same."""
    names = LOCALE_DATA.get(region, {})
    name = names.get("en", "")
    return (names.get(name[1:], "") if name.startswith("*") else name) or UNKNOWN


@dataclass(frozen=True, slots=True)
class Origin:
    """One country, area and place. `by_verdict` is in the order of VERDICTS, of what callers were told last."""

    country: str
    area: str
    place: str
    calls: int
    callers: int
    by_verdict: tuple[int, ...]


def origins(columns: Columns, places: Places) -> list[Origin]:
    """The origin of all calls, most calls first."""
    callers, which = np.unique(columns.caller, return_inverse=True)
    names: dict[tuple[str, str, str], int] = {}
    group = np.fromiter((names.setdefault(_name(places, int(c)), len(names)) for c in callers), np.int64, len(callers))
    told = verdict_table(group[which], columns.final, len(names))
    distinct = np.bincount(group, minlength=len(names))
    made = [
        Origin(*name, sum(row), int(distinct[at]), row) for (name, at), row in zip(names.items(), told, strict=True)
    ]
    return sorted(made, key=lambda o: (-o.calls, o.country, o.area, o.place))


def _name(places: Places, caller: int) -> tuple[str, str, str]:
    found = places.of(caller)
    return found.country, found.area, found.place


def verdict_table(group: Ints, verdict: Ints, groups: int) -> list[tuple[int, ...]]:
    """Calls of each group by verdict, in the order of VERDICTS."""
    kinds = len(VERDICTS)
    counted = np.bincount(group * kinds + verdict, minlength=groups * kinds)
    return [tuple(row) for row in counted.reshape(groups, kinds).tolist()]


def share(part: Bools) -> float:
    """How much of it is true, 0..1."""
    return float(part.mean()) if len(part) else 0.0


def countries(found: list[Origin]) -> list[Origin]:
    """The same added up by country."""
    return _added(found, lambda o: (o.country, "", ""))


def areas(found: list[Origin]) -> list[Origin]:
    """The same added up by country and area."""
    return _added(found, lambda o: (o.country, o.area or o.place, ""))


def _added(found: list[Origin], name: Callable[[Origin], tuple[str, str, str]]) -> list[Origin]:
    sums: dict[tuple[str, str, str], Origin] = {}
    for one in found:
        key = name(one)
        had = sums.get(key, Origin(*key, 0, 0, (0,) * len(VERDICTS)))
        told = tuple(a + b for a, b in zip(had.by_verdict, one.by_verdict, strict=True))
        sums[key] = Origin(*key, had.calls + one.calls, had.callers + one.callers, told)
    return sorted(sums.values(), key=lambda o: (-o.calls, o.country, o.area))
