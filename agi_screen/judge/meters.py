"""The buckets of the metered signals: all of a call's at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from agi_screen.base.buckets import Buckets, Limit
from agi_screen.base.call import Call
from agi_screen.judge.registry import AnySignal
from agi_screen.judge.signal import Metered


class Meters:
    """The buckets of the metered signals. A kind of bucket keeps its place over reloads, so nothing is forgotten."""

    def __init__(self, capacity: int) -> None:
        self._kinds: dict[str, int] = {}
        self._limits: list[Limit] = []
        self._metered: list[Metered[Any] | None] = []  # by the kind of its bucket; None: off since a reload
        self._names: tuple[str, ...] = ()
        self._capacity = capacity
        self.buckets: Buckets | None = None  # made with the first metered signal

    def configure(self, signals: Sequence[AnySignal]) -> None:
        """Takes the limits of these signals from now on."""
        metered = [s for s in signals if isinstance(s, Metered)]
        for signal in metered:
            limit = Limit(signal.rate.interval_ns, signal.rate.tokens, signal.overdraft)
            kind = self._kinds.setdefault(signal.name, len(self._limits))
            self._limits[kind : kind + 1] = [limit]
        by_name = {signal.name: signal for signal in metered}
        self._metered = [by_name.get(name) for name in self._kinds]
        self._names = tuple(self._kinds)
        if self.buckets is not None:
            self.buckets.set_limits(self._limits)
        elif self._limits:
            self.buckets = Buckets(self._capacity, self._limits)

    @property
    def label(self) -> str:
        """Which kind of bucket is which: a kept file of other kinds is not ours."""
        return ",".join(self._kinds)

    @property
    def in_use(self) -> int:
        """Buckets that are not full now: callers who are remembered."""
        return self.buckets.stats().used if self.buckets is not None else 0

    @property
    def limits(self) -> Mapping[str, Limit]:
        """Of each metered signal that is on."""
        return {n: limit for n, limit, s in zip(self._kinds, self._limits, self._metered, strict=True) if s is not None}

    def by_caller(self, call: Call) -> tuple[str, ...]:
        """Whose buckets are kept by the caller's number: those of one caller on all machines are one."""
        key = call.caller.key
        return tuple(s.name for s in self._metered if s is not None and s.bucket(call) == key)

    def lift(self, name: str, call: Call, lacking_ns: int) -> None:
        """What other machines took from the caller's bucket: the next take here goes on from there."""
        if self.buckets is not None:
            self.buckets.lift(self._kinds[name], call.caller.key, call.ticks, lacking_ns)

    def take(self, call: Call) -> Mapping[str, float]:
        """One token from each bucket of the call, in one crossing into C."""
        if self.buckets is None:
            return {}
        keys = [None if signal is None else signal.bucket(call) for signal in self._metered]
        return self._named(self.buckets.take_all(keys, call.ticks))

    def peek(self, call: Call) -> Mapping[str, float]:
        """What `take` would leave, without taking: for `explain`."""
        return self._named([self._peeked(kind, call) for kind in range(len(self._metered))])

    def _peeked(self, kind: int, call: Call) -> float:
        signal = self._metered[kind]
        key = signal.bucket(call) if signal else None
        return nan if key is None or self.buckets is None else self.buckets.peek(kind, key, call.ticks) - 1

    def _named(self, left: Sequence[float]) -> Mapping[str, float]:
        """By the signals' names."""
        named: dict[str, float] = {}
        for place, name in enumerate(self._names):
            named[name] = left[place]
        return named
