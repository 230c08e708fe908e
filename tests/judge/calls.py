"""Calls for tests of the judge: a number, a time, nothing else matters."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hypothesis import strategies as st

from agi_screen.base.call import Call, Number, NumberKind

SECOND = 1_000_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def shaped(**values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Kept state of nearly the right shape: each part right, or any JSON, or missing."""
    return st.fixed_dictionaries({}, optional={name: JSON | value for name, value in values.items()})


def number(e164: str) -> Number:
    """A valid number; of any other text, one that no plan knows."""
    return Number(e164, e164, NumberKind.VALID) if e164.startswith("+") else Number(e164, "", NumberKind.INVALID)


WITHHELD = Number("anonymous", kind=NumberKind.ANONYMOUS)
MISSING = Number("", kind=NumberKind.ABSENT)


def a_call_at(
    at: float, caller: str | Number = "+14155552671", dialled: str = "+18005550100", trunk: str = "t"
) -> Call:
    """`at` in seconds, of both clocks."""
    who = number(caller) if isinstance(caller, str) else caller
    return Call("", who, number(dialled), trunk, "", "", at, round(at * SECOND))


def poisson(rate: float, seconds: float, seed: int, start: float = 0.0) -> Iterator[float]:
    """Times of chance arrivals, `rate` a second."""
    chance = random.Random(seed)
    at = start + chance.expovariate(rate)
    while at < start + seconds:
        yield at
        at += chance.expovariate(rate)
