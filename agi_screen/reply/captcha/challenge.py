"""What a challenge is: a name, parameters (its config table), and how a question of it is posed. No I/O."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from agi_screen.base.config import Table
from agi_screen.base.verdict import Level

SLOW_PAUSE = "pause"
ONCE_MORE = "once-more"


class Posed(NamedTuple):
    """A question. `words` are names of sounds, a single digit being one too; `wanted` the keys that answer it.

    `known`: for each wanted key the place in `words` from whose begin on a listener can know it; keys before that are
    guesses. `chance`: how often a guess of the right length is right.
    """

    kind: str
    words: tuple[str, ...]
    wanted: str
    known: tuple[int, ...]
    chance: float


class ChallengeParams(Table):
    """`levels`: the attack levels at which this challenge opens; none switches it off."""

    levels: tuple[Level, ...]


P = TypeVar("P", bound=ChallengeParams)


class Challenge(ABC, Generic[P]):
    """Third parties register theirs through the entry-point group `agi_screen.challenges`."""

    name: ClassVar[str]
    Params: ClassVar[type[Any]]

    def __init__(self, params: P) -> None:
        self.params = params

    @abstractmethod
    def pose(self, opening: str) -> Posed:
        """A fresh question from the system's secure source. `opening` is `press`, or after an earlier attempt `again`,
        `no-input` or `more`."""

    def slowly(self, opening: str) -> Posed:
        """The same made easier: said slowly, and twice."""
        return self.pose(opening)


def random_digits(count: int, without: str = "") -> str:
    """From the system's secure source: what a robot has seen says nothing of what comes."""
    allowed = [digit for digit in "0123456789" if digit not in without]
    return "".join(secrets.choice(allowed) for _ in range(count))


def slow(digits: str) -> tuple[str, ...]:
    """Digits with a pause between, said twice."""
    spaced = tuple(word for digit in digits for word in (digit, SLOW_PAUSE))
    return (*spaced, ONCE_MORE, *spaced[:-1])
