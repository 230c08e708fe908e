"""The people: who calls when, from which number, and who is known already. Nothing here knows of screening."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from agi_screen.what_if.simulate import dealer
from agi_screen.what_if.simulate.measured import Again, measured
from agi_screen.what_if.simulate.scenario import Scenario

HOUR = 3600.0
WITHHELD = "anonymous"
SAME_HASTE = 0.4  # with it k calls within 5, 10, 60 minutes are as frequent as measured
REAL_TALK = 30.0  # seconds with an operator after which this place knows a person


class Person:
    """One telephone with somebody behind it. `known`: has talked to an operator."""

    __slots__ = ("attestation", "challenged", "challenged_known", "haste", "known", "number", "rejected", "trunk")

    def __init__(self, number: str, trunk: str, attestation: str) -> None:
        self.number = number
        self.trunk = trunk
        self.attestation = attestation
        self.known = False
        self.haste = 0.5  # quantile of the last gap
        self.challenged = self.challenged_known = self.rejected = 0


def gap(person: Person, again: Again, rng: Random) -> float:
    """Seconds until this person calls once more. Who redialled at once is apt to do so again: without that, third and
    fourth calls within minutes would be rarer than measured."""
    if rng.random() >= SAME_HASTE:
        person.haste = rng.random()
    return again.gap(person.haste)


class People:
    """Who calls again is drawn by how often each has cause to, so that a few call often, as they do."""

    def __init__(self, scenario: Scenario, rng: Random) -> None:
        self._table = scenario.people
        self._trunks = scenario.trunks
        self._rng = rng
        self._pool: list[Person] = []  # everybody who has called, as often as they have cause to
        attestation = self._table.attestation
        self._attested = list(attestation), list(attestation.values())
        given = self._table.returning
        self._returning = measured().returning if given is None else given

    def caller(self, new: float | None = None) -> Person:
        """Who calls in a new matter; `new`: the share of those never seen before."""
        share = 1 - self._returning if new is None else new
        if self._pool and self._rng.random() >= share:
            return self._rng.choice(self._pool)
        person = self.stranger()
        self._pool += [person] * measured().matters(self._rng)
        return person

    def stranger(self, number: str = "", areas: bool = True) -> Person:
        """Somebody never seen before; `areas`: mostly of the areas served here."""
        rng, table = self._rng, self._table
        if not number:
            local = areas and rng.random() < table.local
            withheld = rng.random() < table.withheld
            number = WITHHELD if withheld else dealer.number(rng, table.areas if local else ())
        (attested,) = rng.choices(*self._attested)
        return Person(number, rng.choice(self._trunks), attested)

    def customers(self) -> tuple[str, ...]:
        """Numbers of those who are known by now, each once, in the order of their first calls."""
        known = (p.number for p in self._pool if p.known and p.number != WITHHELD)
        return tuple(dict.fromkeys(known))


def first_calls(
    scenario: Scenario, start: float, hours: int, rng: Random, volume: float = 1.0, vary: bool = True
) -> Iterator[float]:
    """Moments of calls in new matters: Poisson by the hour, days and hours varying as measured.

    Further calls in the same matter come on top; with the measured week they together make its volume.
    """
    table = scenario.people
    volume *= table.volume * _first_share(scenario)
    day = 1.0
    for k in range(hours):
        begin = start + k * HOUR
        if vary and k % 24 == 0 and hours >= 24:  # a single day's own hours are what they are
            day = rng.lognormvariate(0, measured().day_spread)
        expected = _expected(scenario, begin) * volume * day
        expected *= rng.lognormvariate(0, measured().hour_spread) if vary else 1.0
        at = rng.expovariate(1.0)
        while at < expected:
            yield begin + at / expected * HOUR
            at += rng.expovariate(1.0)


def is_open(scenario: Scenario, moment: float) -> bool:
    """Whether anybody calls at this hour: a centre with hours of its own is closed beyond them."""
    return not scenario.people.hours or _expected(scenario, moment // HOUR * HOUR) > 0


def _first_share(scenario: Scenario) -> float:
    """Of the hour's calls as given or measured: those in a new matter."""
    table = scenario.people
    return 1 - measured().after_talk.probability if table.again and not table.hours else 1.0


def _expected(scenario: Scenario, moment: float) -> float:
    """Calls in the hour that begins at this moment: the scenario's own day, else the measured week."""
    hours = scenario.people.hours
    at = datetime.fromtimestamp(moment, UTC)
    if not hours:
        return measured().week[at.weekday()][at.hour]
    hour = round((at.hour * HOUR + at.minute * 60 - scenario.opens % (24 * HOUR)) / HOUR)
    weekend = at.weekday() >= 5 and at.date() != scenario.start.date()
    return 0.0 if weekend or not 0 <= hour < len(hours) else hours[hour]


def crowd(scenario: Scenario, rng: Random) -> Iterator[float]:
    """The moments of the opening's further calls: quickly up, slowly down."""
    table = scenario.crowd
    if table is None:
        return
    begin = scenario.opens + table.start
    normal = sum(_expected(scenario, begin + k * HOUR) for k in range(max(1, round(table.duration / HOUR))))
    more = normal * scenario.people.volume * (table.times - 1)
    more *= _first_share(scenario)
    yield from sorted(begin + rng.triangular(0, table.duration, table.duration * 0.1) for _ in range(round(more)))
