"""Press these keys, but leave out every 4: 7 4 1 8."""

from __future__ import annotations

import secrets
from typing import Annotated

from pydantic import Field

from agi_screen.reply.captcha.challenge import Challenge, ChallengeParams, Posed, random_digits

FIRST_DIGIT = 4  # its place: sentence, the one left out, pause, "the numbers are"


class Params(ChallengeParams):
    """`digits`: how many have to be pressed; one more is said."""

    digits: Annotated[int, Field(ge=1, le=8)]


class LeaveOut(Challenge[Params]):
    """The key that must not be pressed is said once among the others, at any place."""

    name = "leave_out"
    Params = Params

    def pose(self, opening: str) -> Posed:  # noqa: ARG002 - always a first question
        out = random_digits(1)
        wanted = random_digits(self.params.digits, without=out)
        place = secrets.randbelow(len(wanted) + 1)
        said = wanted[:place] + out + wanted[place:]
        known = tuple(FIRST_DIGIT + n for n, digit in enumerate(said) if digit != out)
        words = ("except", out, "pause", "except-from", *said)
        return Posed(self.name, words, wanted, known, 0.1 ** len(wanted))
