"""Telephone numbers dealt from the blocks that really are assigned, so that a made-up caller looks like a real one."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

from agi_screen.base.nanp import nanp_valid
from agi_screen.base.toml_file import read_tables

FILE = Path(__file__).with_name("blocks.toml")
NOT_GEOGRAPHIC = frozenset({"456", "500", "521", "522", "533", "544", "566", "577", "588", "600", "700", "710", "900"})


@cache
def assigned() -> dict[str, tuple[str, ...]]:
    """Area code → its assigned exchanges."""
    found = {}
    for area, coded in read_tables(FILE)[0].items():
        bits = base64.b64decode(coded)
        exchanges = tuple(str(200 + k) for k in range(800) if bits[k >> 3] >> (k & 7) & 1)
        if exchanges and area[0] != "8" and area not in NOT_GEOGRAPHIC:
            found[area] = exchanges
    return found


@cache
def all_blocks() -> tuple[str, ...]:
    """Every assigned NPA-NXX, six digits each."""
    return tuple(area + exchange for area, exchanges in assigned().items() for exchange in exchanges)


def block(rng: Random, areas: Sequence[str] = ()) -> str:
    """An assigned NPA-NXX of one of these areas, else of the whole country."""
    if not areas:
        return rng.choice(all_blocks())
    area = rng.choice(areas)
    return area + rng.choice(assigned()[area])


def number(rng: Random, areas: Sequence[str] = ()) -> str:
    """E.164, and valid in the plan as it is today."""
    while True:
        national = f"{block(rng, areas)}{rng.randrange(10_000):04d}"
        if nanp_valid(national):
            return f"+1{national}"
