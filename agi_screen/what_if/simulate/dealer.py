"""Telephone numbers dealt from the blocks that really are assigned, so that a made-up caller looks like a real one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

from agi_screen.base.assigned import areas
from agi_screen.base.nanp import nanp_valid


@cache
def assigned() -> dict[str, tuple[str, ...]]:
    """Area code → its assigned exchanges."""
    return {
        area: tuple(str(200 + k) for k in range(800) if bits[k >> 3] >> (k & 7) & 1) for area, bits in areas().items()
    }


@cache
def all_blocks() -> tuple[str, ...]:
    """Every assigned NPA-NXX, six digits each."""
    return tuple(area + exchange for area, exchanges in assigned().items() for exchange in exchanges)


def block(rng: Random, within: Sequence[str] = ()) -> str:
    """An assigned NPA-NXX of one of these areas, else of the whole country."""
    if not within:
        return rng.choice(all_blocks())
    area = rng.choice(within)
    return area + rng.choice(assigned()[area])


def number(rng: Random, within: Sequence[str] = ()) -> str:
    """E.164, and valid in the plan as it is today."""
    while True:
        national = f"{block(rng, within)}{rng.randrange(10_000):04d}"
        if nanp_valid(national):
            return f"+1{national}"
