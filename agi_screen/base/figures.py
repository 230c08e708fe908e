"""A figure of the running daemon, as `/metrics` tells it: data, so that who counts and who writes know nothing of
each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

Labels = tuple[str, ...]


class Figure(NamedTuple):
    """`name` without `agi_screen_` and without `_total`; `labels` names what the keys of `values` are made of."""

    kind: Literal["counter", "gauge"]
    name: str
    help: str
    values: Mapping[Labels, float]
    labels: tuple[str, ...] = ()


class Histogram(NamedTuple):
    """`counts` has one more than `bounds`: what is over the last one."""

    name: str
    help: str
    bounds: Sequence[float]
    counts: Sequence[int]
    sum: float


def counter(name: str, text: str, values: Mapping[str, float] | float, label: str = "") -> Figure:
    """What only grows."""
    return Figure("counter", name, text, _keyed(values), (label,) if label else ())


def gauge(name: str, text: str, values: Mapping[str, float] | float, label: str = "") -> Figure:
    """What goes up and down."""
    return Figure("gauge", name, text, _keyed(values), (label,) if label else ())


def one_of(words: Sequence[str], now: str) -> dict[str, float]:
    """1 for the word that holds, 0 for all others."""
    return {word: float(word == now) for word in words}


def _keyed(values: Mapping[str, float] | float) -> dict[Labels, float]:
    if isinstance(values, Mapping):
        return {(key,): value for key, value in values.items()}
    return {(): values}
