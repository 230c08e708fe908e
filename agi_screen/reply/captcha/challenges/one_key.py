"""Press just this one key: 4. For who cannot press several."""

from __future__ import annotations

from agi_screen.base.units import RateLimit
from agi_screen.reply.captcha.challenge import Challenge, ChallengeParams, Posed, random_digits, slow


class Params(ChallengeParams):
    """`rate`: how often, for all callers together, the last attempt may be as easy as this."""

    rate: RateLimit


class OneKey(Challenge[Params]):
    """The last attempt of whoever began the right keys and did not get to their end, or pressed none at all."""

    name = "one_key"
    Params = Params

    def pose(self, opening: str) -> Posed:  # noqa: ARG002 - says all by itself
        wanted = random_digits(1)
        return Posed(self.name, ("one-key", *slow(wanted)), wanted, (1,), 0.1)
