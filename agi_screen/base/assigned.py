"""Which exchanges (NPA-NXX) of the North American plan were assigned in 2022: an unknown one is a hint, not proof."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from agi_screen.base.toml_file import read_tables

FILE = Path(__file__).with_name("nanp_blocks.toml")
NOT_GEOGRAPHIC = frozenset({"456", "500", "521", "522", "533", "544", "566", "577", "588", "600", "700", "710", "900"})
_PLACES = {str(200 + n): (n >> 3, 1 << (n & 7)) for n in range(800)}  # an exchange's byte, and bit in it


@cache
def areas() -> dict[str, bytes]:
    """Geographic area code → 800 bits, one for each exchange from 200 on."""
    coded = {area: base64.b64decode(text) for area, text in read_tables(FILE)[0].items()}
    return {area: bits for area, bits in coded.items() if any(bits) and area[0] != "8" and area not in NOT_GEOGRAPHIC}


def unassigned(e164: str) -> bool:
    """True where the area is known, and this exchange of it was not assigned."""
    if len(e164) != 12 or not e164.startswith("+1"):
        return False
    bits = areas().get(e164[2:5])
    place = _PLACES.get(e164[5:8])
    return bits is not None and place is not None and not bits[place[0]] & place[1]
