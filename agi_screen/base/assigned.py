"""Which exchanges (NPA-NXX) of the North American plan were assigned in 2022: an unknown one is a hint, not proof."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from agi_screen.base.toml_file import read_tables

FILE = Path(__file__).with_name("nanp_blocks.toml")
NOT_GEOGRAPHIC = frozenset({"456", "500", "521", "522", "533", "544", "566", "577", "588", "600", "700", "710", "900"})


@cache
def areas() -> dict[str, bytes]:
    """Geographic area code → 800 bits, one for each exchange from 200 on."""
    coded = {area: base64.b64decode(text) for area, text in read_tables(FILE)[0].items()}
    return {area: bits for area, bits in coded.items() if any(bits) and area[0] != "8" and area not in NOT_GEOGRAPHIC}


def unassigned(e164: str) -> bool:
    """True where the area is known, and this exchange of it was not assigned."""
    if len(e164) != 12 or e164[:2] != "+1":
        return False
    bits = areas().get(e164[2:5])
    place = int(e164[5:8]) - 200
    return bits is not None and place >= 0 and not bits[place >> 3] >> (place & 7) & 1
