"""Press these keys: 4 7 1."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.reply.captcha.challenge import Challenge, ChallengeParams, Posed, random_digits, slow


class Params(ChallengeParams):
    """`digits`: how many are asked for."""

    digits: Annotated[int, Field(ge=1, le=8)]


class Digits(Challenge[Params]):
    """The plainest question, and the one that later attempts fall back on."""

    name = "digits"
    Params = Params

    def pose(self, opening: str) -> Posed:
        wanted = random_digits(self.params.digits)
        return self._posed(wanted, (opening, *wanted), step=1)

    def slowly(self, opening: str) -> Posed:
        wanted = random_digits(self.params.digits)
        return self._posed(wanted, (opening, *slow(wanted)), step=2)

    def _posed(self, wanted: str, words: tuple[str, ...], step: int) -> Posed:
        known = tuple(1 + step * place for place in range(len(wanted)))
        return Posed(self.name, words, wanted, known, 0.1 ** len(wanted))
