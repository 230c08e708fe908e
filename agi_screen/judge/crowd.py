"""Is a surge a crowd of people? Who is asked to press digits tells: people can, robots mostly cannot."""

from __future__ import annotations

from math import exp

MEMORY = 600.0  # seconds after which an answer counts a third
ENOUGH = 12.0  # answers before it is believed
FEW = 4.0  # and before it is doubted
BELIEVED = 900.0  # seconds for which it is believed; then some are asked again
PEOPLE = 0.7  # share of passed CAPTCHAs from which it is people who call; 0.9 and more of people pass


class Crowd:
    """Passed and failed CAPTCHAs of late, those of strangers and of known callers apart."""

    __slots__ = ("_asked", "_at", "_passed", "_until")

    def __init__(self) -> None:
        self._asked = self._passed = self._at = self._until = 0.0

    def answered(self, at: float, *, passed: bool) -> None:
        """A CAPTCHA ended. `at` in seconds. Few answers in which most fail end a crowd at once."""
        self._fade(at)
        self._asked += 1.0
        self._passed += passed
        if self._asked >= ENOUGH and self._passed >= PEOPLE * self._asked:
            self._until = at + BELIEVED
        elif self._asked >= FEW and self._passed < PEOPLE * self._asked:
            self._until = 0.0

    def people(self, at: float) -> bool:
        """True while nearly all who were asked passed, and for a while after: in a crowd hardly anybody is asked."""
        return at < self._until <= at + BELIEVED  # beyond that the clock was set back: it is asked anew

    def _fade(self, at: float) -> None:
        if at > self._at:
            fade = exp((self._at - at) / MEMORY)
            self._asked *= fade
            self._passed *= fade
        self._at = at
