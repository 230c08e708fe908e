"""Listen to three numbers, then press only the second: 4 7 1."""

from __future__ import annotations

import secrets

from agi_screen.reply.captcha.challenge import Challenge, ChallengeParams, Posed, random_digits

WHICH = (("nth-first", 1), ("nth-second", 2), ("nth-last", 3))


class Params(ChallengeParams):
    """No more than the levels."""


class OneOfThree(Challenge[Params]):
    """A short answer, for which a robot must understand the sentence too. The three digits differ."""

    name = "one_of_three"
    Params = Params

    def pose(self, opening: str) -> Posed:  # noqa: ARG002 - always a first question
        sentence, place = secrets.choice(WHICH)
        digits = ""
        for _ in range(3):
            digits += random_digits(1, without=digits)
        return Posed(self.name, (sentence, *digits), digits[place - 1], (place,), 0.1)
