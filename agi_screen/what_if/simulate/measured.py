"""How people call: distributions that scripts/fit-traffic distilled from two weeks of a real call centre."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from agi_screen.base.toml_file import read_tables

FILE = Path(__file__).with_name("measured.toml")


def at_quantile(points: tuple[float, ...], u: float) -> float:
    """The value below which the share `u` lies, in a straight line between the given points."""
    place = u * (len(points) - 1)
    below = min(int(place), len(points) - 2)
    return points[below] + (points[below + 1] - points[below]) * (place - below)


class Again:
    """The same person calls once more: how often, and how many seconds after the last call's end."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.probability: float = table["probability"]
        self._gap = tuple(map(float, table["gap"]))

    def gap(self, u: float) -> float:
        """The gap below which the share `u` of all lies."""
        return max(1.0, at_quantile(self._gap, u))


class Measured:
    """Everything of measured.toml, ready to draw from."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.week: list[list[float]] = table["week"]  # calls by weekday (Monday first) and hour
        self.day_spread: float = table["day_spread"]
        self.hour_spread: float = table["hour_spread"]
        self.menu_hangup: float = table["menu_hangup"]
        self.returning: float = table["returning"]
        self._matters = tuple(map(float, table["matters"]))
        self.after_talk = Again(table["again_after_talk"])
        self.after_hangup = Again(table["again_after_hangup"])
        self._talk = tuple(map(float, table["talk"]))
        self._short: float = table["short_talk"]
        self._patience = tuple(map(float, table["patience"]))
        self._given_up = (len(self._patience) - 1) * 0.025  # the share that has given up at the last of these times
        self._beyond: float = table["patience_beyond"]

    def matters(self, rng: Random) -> int:
        """How often, relative to others, a person has cause to call."""
        return max(1, round(at_quantile(self._matters, rng.random())))

    def talk(self, rng: Random) -> float:
        """Seconds with an operator. Some hang up at once."""
        if rng.random() < self._short:
            return rng.uniform(1.0, self._talk[0])
        return at_quantile(self._talk, rng.random())

    @property
    def mean_talk(self) -> float:
        """Seconds: what `talk` comes to on average."""
        points = self._talk
        middle = sum(points) - (points[0] + points[-1]) / 2
        return (1 - self._short) * middle / (len(points) - 1) + self._short * (1 + points[0]) / 2

    def patience(self, rng: Random) -> float:
        """Seconds in the queue until this person gives up."""
        u = rng.random()
        if u < self._given_up:
            return at_quantile(self._patience, u / self._given_up)
        return self._patience[-1] + rng.expovariate(1 / self._beyond)


@cache
def measured() -> Measured:
    """Read once."""
    return Measured(read_tables(FILE)[0])
