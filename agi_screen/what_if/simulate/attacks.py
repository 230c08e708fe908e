"""Robots: one class a kind of attack. It says when they call and which number they show; the centre does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from agi_screen.base.config import Table
from agi_screen.base.units import Duration
from agi_screen.what_if.simulate import dealer

Share = Annotated[float, Field(ge=0, le=1)]
Way = Literal["silent", "guess", "recognise"]
WAYS: tuple[Way, ...] = ("silent", "guess", "recognise")
# Of robocalls in 2022 (see docs): what is left of 100 % was signed in ways that could not be read, here: unsigned.
MIXED = {"A": 0.034, "B": 0.27, "C": 0.37, "none": 0.326}
Pool = Annotated[int, Field(ge=1, le=1_000_000)]


class CaptchaOfRobots(Table):
    """What robots do in the CAPTCHA, as weights; `recognises` is a speech recogniser's success per attempt."""

    silent: Share = 0.95
    guess: Share = 0.05
    recognise: Share = 0.0
    recognises: Share = 0.9


class Target(Table):
    """What an attacker knows of the place: the number, its areas, its customers' numbers."""

    dialled: str
    areas: tuple[str, ...]
    customers: tuple[str, ...]


class AnyAttack(Table, ABC):
    """`calls` in `duration` from `start` (counted from the scenario's own start). Times are Poisson, or `even`."""

    repeats: ClassVar[bool]  # whether a number comes again: floods that never repeat one are told of apart

    start: Duration = 0.0
    duration: Duration
    calls: Annotated[int, Field(ge=1, le=5_000_000)]
    rhythm: Literal["poisson", "even"] = "poisson"
    on: Duration = 0.0
    off: Duration = 0.0
    trunks: tuple[str, ...] = ()
    attestation: Literal["A", "B", "C", "none", "mixed"] = "mixed"
    idle_menu: Share = 1.0
    stay: Duration = 3600.0
    captcha: CaptchaOfRobots = CaptchaOfRobots()

    @abstractmethod
    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        """The caller number of each call, without end."""

    def times(self, rng: Random) -> list[float]:
        """Seconds after the scenario's start, in order."""
        if self.rhythm == "even":
            step = self.duration / self.calls
            jitter = step * 0.02
            spots = [(k + 0.5) * step + rng.uniform(-jitter, jitter) for k in range(self.calls)]
        else:
            spots = sorted(rng.uniform(0, self.duration) for _ in range(self.calls))
        return [self.start + self._pulsed(spot) for spot in spots]

    def way(self, rng: Random, trunks: Sequence[str]) -> tuple[str, str]:
        """Trunk and attestation of a call."""
        if self.attestation != "mixed":
            return rng.choice(self.trunks or trunks), self.attestation
        (attested,) = rng.choices(tuple(MIXED), tuple(MIXED.values()))
        return rng.choice(self.trunks or trunks), attested

    def in_captcha(self, rng: Random) -> Way:
        """What this robot does there."""
        table = self.captcha
        return rng.choices(WAYS, (table.silent, table.guess, table.recognise))[0]

    def _pulsed(self, spot: float) -> float:
        """Pulses squeeze each period's calls into its `on` part."""
        period = self.on + self.off
        if not self.on or not self.off:
            return spot
        return spot // period * period + spot % period * self.on / period


class Hammer(AnyAttack):
    """One number."""

    repeats: ClassVar[bool] = True
    kind: Literal["hammer"]

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        own = dealer.number(rng)
        while True:
            yield own


class RotatingPool(AnyAttack):
    """So many numbers from all over the country, in random order."""

    repeats: ClassVar[bool] = True
    kind: Literal["rotating_pool"]
    pool: Pool

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        pool = [dealer.number(rng) for _ in range(self.pool)]
        while True:
            yield rng.choice(pool)


class Sequential(AnyAttack):
    """Numbers of a block one after the other (+`step`), `run` of them, then the next block."""

    repeats: ClassVar[bool] = False
    kind: Literal["sequential"]
    run: Annotated[int, Field(ge=1, le=10_000)] = 1000
    step: Annotated[int, Field(ge=1, le=100)] = 1

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        while True:
            block, line = dealer.number(rng)[2:8], rng.randrange(10_000)
            for k in range(self.run):
                yield f"+1{block}{(line + k * self.step) % 10_000:04d}"


def each_once(rng: Random, draw: Sequence[str] | None = None) -> Iterator[str]:
    """Random numbers of these blocks (six digits each; else of the country), none twice while there are others."""
    seen: set[str] = set()
    for tries in count():
        number = f"+1{rng.choice(draw)}{rng.randrange(10_000):04d}" if draw else dealer.number(rng)
        if number in seen and draw and len(seen) < 9_900 * len(draw):
            continue
        if number not in seen or tries > 10_000:
            seen.add(number)
            yield number


class RandomNumbers(AnyAttack):
    """Valid numbers from all over the country, each once."""

    repeats: ClassVar[bool] = False
    kind: Literal["random"]
    local: Share = 0.0

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        far, near = each_once(rng), self._near(rng, target)
        while True:
            yield next(near if rng.random() < self.local else far)

    def _near(self, rng: Random, target: Target) -> Iterator[str]:
        return each_once(rng, [a + e for a in target.areas for e in dealer.assigned()[a]])


class Neighbour(AnyAttack):
    """The block of the dialled number and some near it in the same area, each number once while they last."""

    repeats: ClassVar[bool] = False
    kind: Literal["neighbour"]
    blocks: Annotated[int, Field(ge=1, le=800)] = 4

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        own = target.dialled[-10:-4]
        area = own[:3] if own[:3] in dealer.assigned() else target.areas[0]
        others = [area + exchange for exchange in dealer.assigned()[area]]
        return each_once(rng, [own, *rng.sample(others, min(self.blocks - 1, len(others)))])


class Customers(AnyAttack):
    """Numbers of people who really are customers: so many of them, leaked."""

    repeats: ClassVar[bool] = True
    kind: Literal["customers"]
    pool: Pool

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        known = target.customers or tuple(dealer.number(rng, target.areas) for _ in range(self.pool))
        pool = rng.sample(known, min(self.pool, len(known)))
        while True:
            yield rng.choice(pool)


class Bought(AnyAttack):
    """Numbers bought from a carrier that signs them: runs of a few blocks, used in turn."""

    repeats: ClassVar[bool] = True
    kind: Literal["bought"]
    pool: Pool
    blocks: Annotated[int, Field(ge=1, le=1000)] = 5

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        blocks = [dealer.block(rng) for _ in range(self.blocks)]
        pool = [f"+1{rng.choice(blocks)}{rng.randrange(10_000):04d}" for _ in range(self.pool)]
        while True:
            rng.shuffle(pool)
            yield from pool


class Anonymous(AnyAttack):
    """No number shown."""

    repeats: ClassVar[bool] = True
    kind: Literal["anonymous"]

    def numbers(self, rng: Random, target: Target) -> Iterator[str]:
        while True:
            yield "anonymous"


Attack = Annotated[
    Hammer | RotatingPool | Sequential | RandomNumbers | Neighbour | Customers | Bought | Anonymous,
    Field(discriminator="kind"),
]
