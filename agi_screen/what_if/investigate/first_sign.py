"""When it began: the first minute from which arrivals stay above what is normal for their time.

A cumulative sum (CUSUM) of how much better each minute's calls fit an attack than a normal day: its start is the
change, its crossing of a threshold the certainty. Calls come in bursts, so the sum is divided by how much more they
spread than chance alone would have it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log

import numpy as np

from agi_screen.base.store_range import StoreRange
from agi_screen.what_if.investigate.columns import Bools, Floats, Ints

MINUTE = 60.0
DAY = 86_400.0
PAST = 28 * DAY
WEEK_HOURS, DAY_HOURS = 168, 24
LEAST_PEERS = 2  # hours of the past that a normal hour is the median of
CERTAIN = 12.0  # in nats: a normal minute starts such a run once in some 160,000
TWICE, THRICE = 2.0, 3.0  # normal: with records of the past to know it by, and without
LEAST_MORE = 5.0  # calls a minute above normal: a redialling person is no attack
LEAST_EXCESS = 30.0  # calls above normal, together
QUIET = 10  # minutes in a row near normal end a stretch


@dataclass(frozen=True, slots=True)
class Normal:
    """What is normal of each minute of the range, in calls; `how` says by what; `spread` is variance by mean;
    arrivals `ratio` times normal are taken for an attack's."""

    rate: Floats
    spread: float
    ratio: float
    how: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Above normal from `start` to `end`, sure at `certain` (seconds since 1970 UTC). `peak` in calls a minute,
    `excess` the calls above normal, `normal` the calls a minute that were normal at its start."""

    start: float
    certain: float
    end: float
    peak: int
    excess: int
    normal: float


@dataclass(frozen=True, slots=True)
class FirstSign:
    """Every stretch above normal, in order, and by what it was found; `minutes` are the calls of each minute."""

    stretches: tuple[Stretch, ...]
    normal: Normal
    first_minute: int
    minutes: Ints

    @property
    def largest(self) -> Stretch | None:
        """The stretch with most calls above normal."""
        return max(self.stretches, key=lambda stretch: stretch.excess, default=None)

    def above(self, at: Floats) -> Bools:
        """Which of these moments fall into a stretch."""
        inside = np.zeros(len(at), bool)
        for stretch in self.stretches:
            inside |= (at >= stretch.start) & (at < stretch.end)
        return inside

    @property
    def start(self) -> float | None:
        """The first sign; None where there is none."""
        return self.stretches[0].start if self.stretches else None


def first_sign(stored: StoreRange, started: Floats) -> FirstSign:
    """Of the range, whose calls `started` in this order, against the four weeks before it as far as they are recorded.
    Long times without records, before the first call of all and after the last of the range, are left out."""
    begun = stored.first_record() or stored.since
    since, until = max(stored.since, begun), min(stored.until, float(started[-1]) + DAY)
    first, end = int(max(stored.since - PAST, begun) // MINUTE), int(-(-until // MINUTE))
    counted = np.zeros(max(1, end - first), np.int64)
    for minute, calls in stored.calls_a_minute(max(stored.since - PAST, begun)):
        counted[minute - first] = calls
    found = found_in(counted, first, int(since // MINUTE) - first)
    return replace(found, stretches=tuple(sharpened(stretch, started) for stretch in found.stretches))


def found_in(counted: Ints, first: int, start: int) -> FirstSign:
    """In calls a minute from minute `first` (since 1970) on; the range is from place `start` on."""
    normal = normal_of(counted, first, start)
    minutes = counted[start:]
    return FirstSign(tuple(_stretches(minutes, normal, first + start)), normal, first + start, minutes)


def sharpened(stretch: Stretch, started: Floats) -> Stretch:
    """The same with its start to the second: the likeliest within the first minute, by the calls of the next."""
    minute, next_minute = (np.searchsorted(started, stretch.start + MINUTE * n) for n in (0, 1))
    after = np.searchsorted(started, stretch.start + 2 * MINUTE)
    usual, risen = stretch.normal / MINUTE, int(after - next_minute) / MINUTE
    if risen <= max(usual, LEAST_MORE / MINUTE):
        return stretch
    seconds = (started[minute:next_minute] - stretch.start).astype(np.int64)
    calls = np.bincount(seconds, minlength=int(MINUTE))[: int(MINUTE)]
    likelier = calls * log(risen / max(usual, 0.2 / MINUTE)) - (risen - usual)
    from_here = np.cumsum(likelier[::-1])[::-1]
    return replace(stretch, start=stretch.start + float(np.argmax(from_here)))


def normal_of(counted: Ints, first: int, start: int) -> Normal:
    """The median of the same hour in the weeks before, else in the days before, else of the range itself."""
    hours = _Hours(counted, first, start)
    for step, peers, words in ((WEEK_HOURS, 4, "the same hour of the week"), (DAY_HOURS, 7, "the same hour")):
        if hours.earlier(step) >= LEAST_PEERS:
            rate = hours.medians(step, peers)
            span = "weeks" if step == WEEK_HOURS else "days"
            how = f"the median of {words} in the {min(peers, hours.earlier(step))} {span} before"
            return Normal(rate, _spread(counted[start:], rate), TWICE, how)
    minutes = counted[start:]
    rate = np.full(len(minutes), float(np.median(minutes)))
    how = "the median minute of the range itself, for the records go back less than two days before it"
    return Normal(rate, _spread(minutes, rate), THRICE, how)


class _Hours:
    """Calls a minute, hour by hour; an hour not wholly recorded is no peer of any."""

    def __init__(self, counted: Ints, first: int, start: int) -> None:
        self._skip = -first % 60
        whole = (len(counted) - self._skip) // 60
        self._means = counted[self._skip : self._skip + 60 * whole].reshape(whole, 60).mean(axis=1)
        self._places = (np.arange(start, len(counted)) - self._skip) // 60  # the hour of each minute of the range

    def earlier(self, step: int) -> int:
        """How many hours of the past, `step` apart, the first hour of the range has."""
        return int(self._places[0]) // step if len(self._places) else 0

    def medians(self, step: int, peers: int) -> Floats:
        of_hour = {
            int(hour): float(np.median([self._means[hour - step * n] for n in range(1, peers + 1) if hour >= step * n]))
            for hour in np.unique(self._places)
        }
        return np.array([of_hour[int(hour)] for hour in self._places])


def _spread(minutes: Ints, rate: Floats) -> float:
    """Variance by mean, by medians so that the attack itself does not count; at least that of chance."""
    busy = rate >= 1.0
    if not busy.any():
        return 1.0
    off = 1.4826 * float(np.median(np.abs(minutes[busy] - rate[busy])))
    return float(np.clip(off * off / float(np.median(rate[busy])), 1.0, 50.0))


def _stretches(minutes: Ints, normal: Normal, first: int) -> list[Stretch]:
    found: list[Stretch] = []
    place = 0
    while place < len(minutes):
        certain, start = _alarm(minutes, normal, place)
        if certain is None:
            break
        end = _end(minutes, normal, certain)
        above = minutes[start:end] - normal.rate[start:end]
        if above.sum() >= LEAST_EXCESS:
            times = (MINUTE * (first + start), MINUTE * (first + certain + 1), MINUTE * (first + end))
            found.append(Stretch(*times, int(minutes[start:end].max()), int(above.sum()), float(normal.rate[start])))
        place = end
    return found


def _attack(normal: Normal, place: int) -> tuple[float, float]:
    """Calls a minute: normal, and an attack's."""
    usual = max(0.2, float(normal.rate[place]))
    return usual, max(normal.ratio * usual, usual + LEAST_MORE)


def _alarm(minutes: Ints, normal: Normal, place: int) -> tuple[int | None, int]:
    """The minute in which it is certain, and the first that belongs to it."""
    total, since = 0.0, place
    for at in range(place, len(minutes)):
        usual, attack = _attack(normal, at)
        total += (int(minutes[at]) * log(attack / usual) - (attack - usual)) / normal.spread
        if total <= 0:
            total, since = 0.0, at + 1
        elif total >= CERTAIN:
            return at, _change(minutes, normal, since, at)
    return None, place


def _change(minutes: Ints, normal: Normal, since: int, certain: int) -> int:
    """The likeliest start, once it is known how high arrivals rose: a busy minute just before does not belong to it."""
    risen = float(minutes[certain])
    total, best, start = 0.0, 0.0, certain
    for at in range(certain, since - 1, -1):
        usual, attack = _attack(normal, at)
        most = max(attack, risen)
        total += int(minutes[at]) * log(most / usual) - (most - usual)
        if total > best:
            best, start = total, at
    return start


def _end(minutes: Ints, normal: Normal, place: int) -> int:
    """The minute after the last that is nearer to an attack than to normal."""
    last = place
    for at in range(place, len(minutes)):
        usual, attack = _attack(normal, at)
        if 2 * int(minutes[at]) > usual + attack:
            last = at
        elif at - last >= QUIET:
            break
    return last + 1
