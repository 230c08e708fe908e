"""What became of a caller here and is to be known everywhere: takes, passes, what was learned. News add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agi_screen.base.records import CallerRecord, Pass

MOMENTS = frozenset({"last_talk", "captcha_at", "marked_at"})
FIELDS = CallerRecord._fields[1:]
NUMBERS = FIELDS[:-1]  # the last is the trunk
NEVER_AGAIN = -1.0  # a moment that is none any more
Args = list[bytes | str | int | float]


class Kind(NamedTuple):
    """A bucket that is kept by the caller's number, on all machines together."""

    name: str
    interval_us: int
    cap_us: int


class Taken(NamedTuple):
    """So many tokens, taken evenly from `first` to `latest`, in ns of the steady clock."""

    first: int
    latest: int
    tokens: int


class News:
    """Of one caller. What is sent is never changed any more: it may have to be sent again, under the same number."""

    __slots__ = ("caller", "granted", "learned", "revoked", "taken", "trunk", "used", "whole")

    def __init__(self, caller: str) -> None:
        self.caller = caller
        self.trunk = ""
        self.taken: dict[Kind, Taken] = {}
        self.learned: list[float] | None = None
        self.whole: CallerRecord | None = None
        self.revoked = False
        self.granted: dict[str, Pass] = {}
        self.used: dict[str, int] = {}

    def take(self, kinds: Sequence[Kind], now: int) -> None:
        """A call: one token of each of these buckets."""
        for kind in kinds:
            had = self.taken.get(kind)
            self.taken[kind] = Taken(had.first, now, had.tokens + 1) if had else Taken(now, now, 1)

    def learn(self, before: CallerRecord, after: CallerRecord) -> None:
        """What is known of the caller has changed so."""
        change = [_change(name, getattr(before, name), getattr(after, name)) for name in NUMBERS]
        self._add(change)
        self.trunk = after.trunk if after.trunk != before.trunk else self.trunk

    def _add(self, change: list[float]) -> None:
        had = self.learned
        self.learned = change if had is None else [_both(*three) for three in zip(NUMBERS, had, change, strict=True)]

    def grant(self, held: Pass) -> None:
        self.granted[held.trunk] = held
        self.used.pop(held.trunk, None)

    def use(self, trunk: str) -> None:
        held = self.granted.get(trunk)
        if held is None:
            self.used[trunk] = self.used.get(trunk, 0) + 1
        else:
            self.granted[trunk] = Pass(held.caller, trunk, held.uses_left - 1, held.expires)

    def revoke(self) -> None:
        self.revoked = True
        self.granted.clear()
        self.used.clear()

    def join(self, later: News) -> None:
        """These, and then the later ones."""
        for kind, new in later.taken.items():
            had = self.taken.get(kind)
            self.taken[kind] = Taken(min(had.first, new.first), new.latest, had.tokens + new.tokens) if had else new
        if later.learned is not None:
            self._add(later.learned)
        self.trunk = later.trunk or self.trunk
        self.whole = later.whole or self.whole
        if later.revoked:
            self.revoke()
        for held in later.granted.values():
            self.grant(held)
        for trunk, count in later.used.items():
            for _ in range(count):
                self.use(trunk)

    def packed(self, places: dict[Kind, int], ticks: int, wall: float) -> Args:
        """As the script reads it; `places` of the buckets that it was told of."""
        args: Args = []
        for kind, taken in self.taken.items():
            if kind in places:  # else its limit has changed since: the old one is nobody's any more
                args += ("t", places[kind], _age(taken.first, ticks), _age(taken.latest, ticks), taken.tokens)
        if self.whole is not None:
            args += ("m", *self.whole[1:])
        if self.learned is not None:
            args += ("d", *self.learned, self.trunk)
        if self.revoked:
            args.append("r")
        for held in self.granted.values():
            left = round((held.expires - wall) * 1000)
            if held.uses_left > 0 and left > 0:
                args += ("g", held.trunk, held.uses_left, left)
        for trunk, count in self.used.items():
            args += ("u", trunk, count)
        return args


def _age(at: int, now: int) -> int:
    """In us."""
    return max(0, (now - at) // 1000)


def _change(name: str, before: float, after: float) -> float:
    if name not in MOMENTS:
        return after - before
    return 0.0 if after == before else after or NEVER_AGAIN


def _both(name: str, first: float, then: float) -> float:
    return first + then if name not in MOMENTS else then or first


class Outbox:
    """News that wait, by caller, at most `capacity`: of a full one the oldest go, and are counted."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: dict[str, News] = {}
        self.lost = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def of(self, caller: str) -> News:
        """The caller's, to be added to."""
        news = self._waiting.get(caller)
        if news is None:
            if len(self._waiting) >= self._capacity:
                del self._waiting[next(iter(self._waiting))]
                self.lost += 1
            news = self._waiting[caller] = News(caller)
        return news

    def back(self, news: News) -> None:
        """Was sent, and was not taken: goes before what came since."""
        later = self._waiting.pop(news.caller, None)
        again = self.of(news.caller)
        again.join(news)
        if later is not None:
            again.join(later)

    def take(self, caller: str) -> News | None:
        return self._waiting.pop(caller, None) if self._waiting else None

    def take_some(self, most: int) -> Iterator[News]:
        """The oldest."""
        while self._waiting and most > 0:
            most -= 1
            yield self._waiting.pop(next(iter(self._waiting)))

    def waits(self, caller: str) -> bool:
        return caller in self._waiting
