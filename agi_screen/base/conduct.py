"""How a caller behaved in the CAPTCHA: what the signals of the group `conduct` judge. Seconds throughout."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import NamedTuple


class Attempt(NamedTuple):
    """One question and what the caller did meanwhile.

    `pressed`: the moments of the keys that count, since the question began; `early`: keys pressed before anybody could
    know them; `asked`: from the begin of the question to the end of its speech; `took`: to the end of the waiting;
    `spoken`: how long the caller spoke while the question was asked, as Asterisk's talk detection heard it; `begun`:
    the keys were right as far as they went, and too few; `reacted`: from the begin of the word that made the first key
    known to that key, infinite without one.
    """

    kind: str
    right: bool = False
    keys: int = 0
    early: int = 0
    pressed: tuple[float, ...] = ()
    asked: float = 0.0
    took: float = 0.0
    spoken: float = 0.0
    begun: bool = False
    reacted: float = inf

    @property
    def silent(self) -> bool:
        """Not a key, not even a useless one."""
        return not self.keys and not self.early

    def __str__(self) -> str:
        """As records show it: `sum:wrong`."""
        return f"{self.kind}:{'right' if self.right else 'silent' if self.silent else 'wrong'}"


class Conduct(NamedTuple):
    """All of one CAPTCHA. `hung_up`: the caller ended it; `after`: when, since it began; `tone`: `fax` or `modem`."""

    attempts: tuple[Attempt, ...] = ()
    hung_up: bool = False
    after: float = 0.0
    tone: str = ""

    @property
    def silent(self) -> bool:
        """No key in any attempt."""
        return all(attempt.silent for attempt in self.attempts)

    @property
    def early(self) -> int:
        """Keys in all that nobody could know yet."""
        return sum(attempt.early for attempt in self.attempts)

    @property
    def gaps(self) -> tuple[float, ...]:
        """Between keys that answer one question, over all of them."""
        return tuple(b - a for attempt in self.attempts for a, b in pairwise(attempt.pressed))

    def __str__(self) -> str:
        """As records show it: `sum:wrong,digits:right`."""
        return ",".join(map(str, self.attempts))
