"""Number blocks at three depths: how many calls each has sent lately, against its learned share of normal traffic."""

from __future__ import annotations

from itertools import islice
from math import exp, log, sqrt
from typing import NamedTuple

from agi_screen.base.call import Call
from agi_screen.judge.kept import amount, named_amounts

# How many of the last digits a block leaves open: of +1 415 555 2671 3 leave 415-555-2xxx, 4 415-555-xxxx.
DEPTHS = (3, 4, 7)
WINDOW = 300.0  # seconds in which a call's weight in its block falls to a third
NEAR = 3  # sequential dialling goes up by one, or passes over a few
SHORTEST = 9  # characters of an E.164 number that has blocks
ENOUGH = 1_000.0  # calls of normal traffic that must be known before shares mean anything
LEARNED = 20_000.0  # calls that the learned shares remember; older ones fade
MOST_LEARNED = 2 * int(LEARNED)  # blocks of one depth that are taken over
_BITS = 64
_DEPTHS, _AREA = len(DEPTHS), DEPTHS[-1]
# The same as C numbers where this is compiled; there the product below wraps by itself.
_WINDOW, _FADE, _NEAR = WINDOW, exp(-1.0 / WINDOW), NEAR
_GAP_MEMORY = 0.125  # weight of the newest gap in the mean
_SPREAD, _STIR, _WHOLE, _ONE = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0xFFFFFFFFFFFFFFFF, 1


class Limits(NamedTuple):
    """Calls beyond twice the usual, in the window, from which a block of each depth stands out. Order: `DEPTHS`."""

    thousand: float
    exchange: float
    area: float


class Block(NamedTuple):
    """The block of a call that stands out most. Counts are of the last five minutes or so, this call included.

    `over` is the surplus in limits: 1 stands out. `usual` is what the block's share of normal traffic would have sent,
    `distinct` how many numbers called (an estimate, saturates near 270), `sequential` how many calls were next to the
    number before them. `share` is the area's learned share of normal traffic, -1 while too little is known.
    `gaps` between the calls lately, their mean `gap` in seconds, and `evenness`: variation, 1 is chance, 0 a clock.
    """

    digits: int = 0
    over: float = 0.0
    calls: float = 0.0
    usual: float = 0.0
    distinct: float = 0.0
    sequential: float = 0.0
    share: float = -1.0
    gaps: int = 0
    gap: float = 0.0
    evenness: float = 1.0


NO_BLOCK = Block()
COMMON = 0.05  # an area of this share is nothing to tell apart
ORDINARY = Block(share=COMMON)
SPEAKS = 0.5  # of its limit: a block with fewer calls is as good as none
LESSON = 4  # one call in so many teaches, and counts for as many


class _Count:
    """One block. Two half windows of distinct numbers, so that the older can be forgotten at a time."""

    __slots__ = ("at", "bits", "calls", "gap", "gaps", "last", "old_bits", "sequential", "spread", "turned")

    def __init__(self, at: float) -> None:
        self.calls = self.sequential = self.gap = self.spread = 0.0
        self.gaps = 0
        self.at = self.turned = at
        self.bits = self.old_bits = 0
        self.last = -NEAR - 1

    def add(self, at: float, number: int, bit: int) -> float:
        """A call of this number, whose mark among the distinct ones is `bit`; returns how many there were lately."""
        since = at - self.at
        if since > 0.0:
            self._spaced(since)
            fade = _FADE**since
            self.calls *= fade
            self.sequential *= fade
            self.at = at
        if at - self.turned >= _WINDOW:
            self.old_bits = self.bits if at - self.turned < 2 * _WINDOW else 0
            self.bits = 0
            self.turned = at
        self.calls += 1.0
        step = number - self.last
        if -_NEAR <= step <= _NEAR and step != 0:
            self.sequential += 1.0
        self.last = number
        self.bits |= bit
        return self.calls

    def _spaced(self, gap: float) -> None:
        """Keeps the mean of the gaps and its variance, the newest counting most."""
        if not self.calls or gap > 2 * _WINDOW:
            self.gaps, self.gap, self.spread = 0, 0.0, 0.0
            return
        off, weight = gap - self.gap, max(_GAP_MEMORY, 1.0 / (self.gaps + 1))
        self.gap += weight * off
        self.spread = (1.0 - weight) * (self.spread + weight * off * off)
        self.gaps += 1

    @property
    def evenness(self) -> float:
        """Coefficient of variation of the gaps."""
        return sqrt(self.spread) / self.gap if self.gap > 0.0 else 1.0

    @property
    def distinct(self) -> float:
        """Linear counting over the present and the last half window."""
        empty = _BITS - (self.bits | self.old_bits).bit_count()
        return _BITS * log(_BITS / max(empty, 1))


def _bit(number: int) -> int:
    """One of the bits, by chance. Two rounds: after one, numbers in a row fall beside each other and count double."""
    mixed = number * _SPREAD & _WHOLE
    return _ONE << ((mixed ^ mixed >> 32) * _STIR >> 58 & 63)


def _unremarkable(share: float) -> Block:
    return tuple.__new__(Block, (0, 0.0, 0.0, 0.0, 0.0, 0.0, share, 0, 0.0, 1.0)) if share < COMMON else ORDINARY


class Blocks:
    """Counts by block, at most `capacity` a depth; the longest unheard-of go first. Shares are learned apart."""

    def __init__(self, capacity: int, limits: Limits) -> None:
        self.limits = limits
        self._capacity = capacity
        self._counts: tuple[dict[str, _Count], ...] = tuple({} for _ in DEPTHS)
        self._learned: tuple[dict[str, float], ...] = tuple({} for _ in DEPTHS)
        self._calls_learned = 0.0
        self._until_lesson = LESSON

    @property
    def learned(self) -> float:
        """Calls of normal traffic that the shares are made of."""
        return self._calls_learned

    def __len__(self) -> int:
        return sum([len(counts) for counts in self._counts])

    def take(self, call: Call, usual: float) -> Block:
        """Counts a call, deepest block first, up to the block whose jump explains it: others shall not suffer for it.

        `usual` is how many calls normal traffic brings in the window.
        """
        number = call.caller.e164
        if len(number) < SHORTEST:
            return NO_BLOCK
        at, digits = call.ticks / 1e9, int(number[-7:])
        bit = _bit(digits)
        share, most, found = self.area_share(number), 0.0, None
        for place in range(_DEPTHS):
            depth, limit = DEPTHS[place], self.limits[place]
            prefix = number[:-depth]
            counts = self._counts[place]
            count = counts.pop(prefix, None)
            if count is None:
                count = self._room(counts, at)
            counts[prefix] = count  # heard of last
            calls = count.add(at, digits, bit)
            if calls > SPEAKS * limit:
                over = self._over(place, prefix, calls, usual)
                if over > most:
                    most, found = over, self._block(place, prefix, count, calls, usual, share)
                if over > 1.0:
                    break
        return found or _unremarkable(share)

    def peek(self, call: Call, usual: float) -> Block:
        """What `take` would find, without counting."""
        number = call.caller.e164
        if len(number) < SHORTEST:
            return NO_BLOCK
        at = call.ticks / 1e9
        share, most, found = self.area_share(number), 0.0, None
        for place in range(_DEPTHS):
            depth, limit = DEPTHS[place], self.limits[place]
            prefix = number[:-depth]
            count = self._counts[place].get(prefix)
            if count is None:
                continue
            calls = count.calls * _FADE ** max(0.0, at - count.at) + 1.0
            if calls > SPEAKS * limit:
                over = self._over(place, prefix, calls, usual)
                if over > most:
                    most, found = over, self._block(place, prefix, count, calls, usual, share)
                if over > 1.0:
                    break
        return found or _unremarkable(share)

    def _over(self, place: int, prefix: str, calls: float, usual: float) -> float:
        """The surplus in limits."""
        if place and self._calls_learned < ENOUGH:  # a small town has one exchange: wait until that is known
            return 0.0
        return (calls - 2.0 * self._share(place, prefix) * usual) / self.limits[place]

    def _block(self, place: int, prefix: str, count: _Count, calls: float, usual: float, share: float) -> Block:
        expected, over = self._share(place, prefix) * usual, self._over(place, prefix, calls, usual)
        spacing = (count.gaps, count.gap, count.evenness)
        return Block(len(prefix) - 1, over, calls, expected, count.distinct, count.sequential, share, *spacing)

    def learn(self, call: Call) -> None:
        """A call of normal traffic: adds to the shares of its blocks."""
        number = call.caller.e164
        self._until_lesson -= 1
        if self._until_lesson or len(number) < SHORTEST:
            self._until_lesson = self._until_lesson or 1
            return
        self._until_lesson = LESSON
        self._calls_learned += LESSON
        for place in range(_DEPTHS):
            depth, learned = DEPTHS[place], self._learned[place]
            prefix = number[:-depth]
            learned[prefix] = learned.get(prefix, 0.0) + LESSON
        if self._calls_learned > LEARNED:
            self._fade()

    def area_share(self, number: str) -> float:
        """The learned share of the area of this number; -1 while fewer than a thousand calls are known."""
        if self._calls_learned < ENOUGH:
            return -1.0
        return self._share(_DEPTHS - 1, number[:-_AREA])

    def keep(self) -> dict[str, object]:
        """The shares, as JSON."""
        return {"calls": self._calls_learned, "blocks": [dict(learned) for learned in self._learned]}

    def take_over(self, kept: dict[str, object]) -> None:
        """Shares that an earlier run kept; anything of another shape is left alone."""
        blocks, calls = kept.get("blocks"), amount(kept.get("calls"))
        if not isinstance(blocks, list) or len(blocks) != len(DEPTHS) or calls is None:
            return
        found = [learned for block in blocks if (learned := named_amounts(block, MOST_LEARNED)) is not None]
        if len(found) < len(DEPTHS) or any(count > calls for learned in found for count in learned.values()):
            return  # no block brings more than all of them
        self._calls_learned, self._learned = calls, tuple(found)

    def _share(self, place: int, prefix: str) -> float:
        """Of few calls as if there were a thousand: else the first calls of an attack would be all that is usual."""
        return self._learned[place].get(prefix, 0.0) / max(ENOUGH, self._calls_learned)

    def _room(self, counts: dict[str, _Count], at: float) -> _Count:
        if len(counts) >= self._capacity:
            for oldest in list(islice(counts, max(1, self._capacity // 64))):
                del counts[oldest]
        return _Count(at)

    def _fade(self) -> None:
        """Halves everything, and forgets what then is next to nothing: what is learned stays bounded."""
        self._calls_learned /= 2
        for learned in self._learned:
            for prefix in [prefix for prefix, count in learned.items() if count < 1.0]:
                del learned[prefix]
            for prefix in learned:
                learned[prefix] /= 2
