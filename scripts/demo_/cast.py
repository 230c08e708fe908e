"""Who calls in the demo. Numbers of the 555 exchange are valid; +1 000 … is a number no numbering plan has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCREENED, UNSCREENED = "18005550100", "18005550199"
AREAS = (415, 212, 312, 651, 612, 206, 303, 404, 617, 702)
EXCHANGES = range(220, 300)  # for the calls that are only measured
APART = 1009  # between the numbers of an area
MOST_NUMBERS = 10_000 * (len(AREAS) - 1)


class Keys(StrEnum):
    """What a caller does when asked to press digits."""

    HANGS_UP = "hangs up"
    NONE = "presses nothing"
    WRONG = "presses wrong keys"
    RIGHT = "presses the right keys"


@dataclass(frozen=True, slots=True)
class Part:
    """One role. `scenario` is a file of tests/asterisk/sipp; calls start `spacing` seconds apart."""

    name: str
    number: str
    does: str
    scenario: str
    keys: Keys = Keys.HANGS_UP
    calls: int = 1
    spacing: float = 0.0


NORMAL = Part("a caller", "+14155552001", "calls once", "stays", Keys.NONE)
HAMMER = Part("a hammering caller", "+14155552002", "calls 20 times in half a minute", "caller", calls=20, spacing=1.5)
SILENT = Part("a robot", "+10005550103", "invents its number, presses nothing", "stays", Keys.NONE)
GUESSER = Part("a robot that guesses", "+10005550104", "invents its number, presses wrong keys", "stays", Keys.WRONG)
PERSON = Part("a person", "+10005550105", "odd number, presses the right keys", "stays", Keys.RIGHT)
DENIED = Part("a denied number", "+14155552006", "is on the deny list", "refused")
CROWD = "everyone else"


def crowd(calls_per_second: float, seconds: float) -> Part:
    """The normal calls behind it all, each from a number of its own."""
    calls = max(1, round(calls_per_second * seconds))
    return Part(CROWD, "", f"{calls_per_second:g} normal calls/s", "caller", calls=calls, spacing=1 / calls_per_second)


def number(index: int, areas: tuple[int, ...] = AREAS[1:]) -> str:
    """The n-th of the valid numbers that no named part has. Neighbours would be one block, which is suspicious."""
    return f"+1{areas[index % len(areas)]}555{index // len(areas) * APART % 10_000:04}"


def measured_number(index: int) -> str:
    """A number of the first area, for the calls that are only measured."""
    return f"+1{AREAS[0]}{EXCHANGES[index % len(EXCHANGES)]}{index * APART % 10_000:04}"
