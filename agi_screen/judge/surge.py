"""Arrivals beyond the usual, apart for strangers and for known callers, for each trunk and each dialled number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agi_screen.base.call import Call
from agi_screen.base.config import Arrivals
from agi_screen.judge.arrivals import Baseline, Leak
from agi_screen.judge.crowd import Crowd
from agi_screen.judge.kept import named_amounts

PLACES = 256  # trunks, and dialled numbers, that are told apart
MEMORY = 20_000.0  # calls that the shares of trunks and numbers remember
RARE = 0.002  # share of normal traffic under which an area hardly ever calls
LEAST_RARE = 0.005  # calls a second that are never too many from such areas: 18 an hour
PRIOR = 50.0  # calls before a share is believed


class Surges(NamedTuple):
    """How strong each surge is: 0 for none, 0.5 where it begins, to 1. As of before this call.

    A surge is made of calls that nothing but their number explains.
    """

    unknown: float = 0.0
    known: float = 0.0
    trunk: float = 0.0
    did: float = 0.0
    rare: float = 0.0


CALM = Surges()


class _Shares:
    """Which part of normal traffic each of a few keys brings."""

    def __init__(self) -> None:
        self.counts: dict[str, float] = {}
        self.total = 0.0

    def learn(self, key: str) -> None:
        known = self.counts.get(key, 0.0)
        if not known and len(self.counts) >= PLACES and key not in self.counts:
            del self.counts[min(self.counts, key=self.counts.__getitem__)]
        self.counts[key] = known + 1.0
        self.total += 1.0
        if self.total > MEMORY:
            self.total /= 2
            self.counts = {key: count / 2 for key, count in self.counts.items() if count >= 1.0}

    def take_over(self, kept: object) -> None:
        found = named_amounts(kept, PLACES)
        if found is not None:
            self.counts, self.total = found, sum(found.values())

    def of(self, key: str) -> float:
        """1 while little is known: an unknown share must not make everything a surge."""
        count = self.counts.get(key, 0.0)
        return (count + PRIOR) / (self.total + PRIOR)


class _Meter:
    """A leak, and the calm that must pass before a surge of it counts as over: robots come in pulses."""

    __slots__ = ("_calls", "_calm", "_hot_until", "_leak", "_most", "high")

    def __init__(self, config: Arrivals) -> None:
        self._calls, self._most, self._calm = config.surplus.calls, config.surplus.most, config.calm
        self._leak = Leak(config.surplus.times, config.surplus.most)
        self._hot_until = -1.0
        self.high = False  # so long there is nothing to look at

    def add(self, at: float, rate: float) -> None:
        """A call; `rate` a second are usual."""
        if self._leak.add(at, rate) >= self._calls:
            self._hot_until = at + self._calm
            self.high = True

    def strength(self, at: float, rate: float) -> float:
        """0, or 0.5 to 1."""
        beyond = self._leak.settle(at, rate) - self._calls
        if beyond <= 0.0:
            self.high = at < self._hot_until
            return 0.5 if self.high else 0.0
        return 0.5 + 0.5 * beyond / (self._most - self._calls + 1.0)


class Surge:
    """`take` reads and `count` adds; a call counts where its own evidence does not explain it."""

    def __init__(self, config: Arrivals) -> None:
        self.baseline = Baseline(config.floor.per_second, config.start.per_second)
        self._trunks, self._dids, self._sorts = _Shares(), _Shares(), _Shares()
        self._by_trunk: dict[str, _Meter] = {}
        self._by_did: dict[str, _Meter] = {}
        self._areas = _Shares()
        self._strangers, self._acquaintances = Crowd(), Crowd()
        self.configure(config)

    def configure(self, config: Arrivals) -> None:
        """Takes new figures; what was learned stays, the surges begin anew at the next call."""
        self._config = config
        self._unknown, self._known, self._rare = _Meter(config), _Meter(config), _Meter(config)
        self._by_trunk.clear()
        self._by_did.clear()
        self.baseline.configure(config.floor.per_second, config.start.per_second)

    def take(self, call: Call) -> Surges:
        """How far beyond the usual arrivals are, before this call."""
        at, rate = call.ticks / 1e9, self.baseline.rate
        trunk, did = self._of(self._by_trunk, call.trunk), self._of(self._by_did, call.dialled.key)
        if not (self._unknown.high or self._known.high or trunk.high or did.high or self._rare.high):
            return CALM
        known = self._known.strength(at, rate * self._sorts.of("known"))
        if known and self._acquaintances.people(call.started):
            known = 0.0
        if self._strangers.people(call.started):
            return Surges(known=known) if known else CALM
        unknown = self._unknown.strength(at, rate * self._sorts.of("unknown"))
        by_trunk = trunk.strength(at, rate * self._trunks.of(call.trunk))
        by_did = did.strength(at, rate * self._dids.of(call.dialled.key))
        rare = self._rare.strength(at, self._rare_rate())
        if not (unknown or known or by_trunk or by_did or rare):
            return CALM
        return tuple.__new__(Surges, (unknown, known, by_trunk, by_did, rare))

    def crowd(self, at: float) -> bool:
        """It is a crowd of people that surges, as far as CAPTCHAs tell. `at` in seconds since 1970."""
        return self._strangers.people(at)

    def answered(self, at: float, *, known: bool, passed: bool) -> None:
        """A CAPTCHA ended."""
        (self._acquaintances if known else self._strangers).answered(at, passed=passed)

    def count(self, call: Call, known: bool) -> None:
        """A call that its own evidence does not explain."""
        at, rate = call.ticks / 1e9, self.baseline.rate
        if known:
            self._known.add(at, rate * self._sorts.of("known"))
            return
        self._unknown.add(at, rate * self._sorts.of("unknown"))
        self._of(self._by_trunk, call.trunk).add(at, rate * self._trunks.of(call.trunk))
        self._of(self._by_did, call.dialled.key).add(at, rate * self._dids.of(call.dialled.key))

    def count_rare(self, call: Call) -> None:
        """A stranger of an area that hardly ever calls, whatever else there is: together such areas have their rate."""
        self._rare.add(call.ticks / 1e9, self._rare_rate())

    def _rare_rate(self) -> float:
        """Of what was learned, not of the floor: so few calls are no burden, and evidence all the same."""
        return max(LEAST_RARE, self.baseline.learned_rate * self._areas.of("rare"))

    def learn(self, call: Call, known: bool, rare: bool = False) -> None:
        """A call of normal traffic."""
        self._areas.learn("rare" if rare else "common")
        self._trunks.learn(call.trunk)
        self._dids.learn(call.dialled.key)
        self._sorts.learn("known" if known else "unknown")

    def keep(self) -> dict[str, object]:
        shares = {name: dict(shares.counts) for name, shares in self._named}
        return {"baseline": self.baseline.keep(), "shares": shares}

    def take_over(self, kept: Mapping[str, object]) -> None:
        """What an earlier run learned; anything of another shape is left alone."""
        baseline, shares = kept.get("baseline"), kept.get("shares")
        if isinstance(baseline, dict):
            self.baseline.take_over(baseline)
        if isinstance(shares, dict):
            for name, own in self._named:
                own.take_over(shares.get(name))

    @property
    def _named(self) -> tuple[tuple[str, _Shares], ...]:
        return ("trunks", self._trunks), ("dids", self._dids), ("sorts", self._sorts), ("areas", self._areas)

    def _of(self, meters: dict[str, _Meter], key: str) -> _Meter:
        meter = meters.get(key)
        if meter is None:
            if len(meters) >= PLACES:
                del meters[next(iter(meters))]
            meter = meters[key] = _Meter(self._config)
        return meter
