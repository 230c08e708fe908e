"""Press the answer to this sum: 4 plus 7."""

from __future__ import annotations

import secrets
from typing import Annotated, Self

from pydantic import Field, model_validator

from agi_screen.reply.captcha.challenge import Challenge, ChallengeParams, Posed

Answer = Annotated[int, Field(ge=4, le=18)]


class Params(ChallengeParams):
    """`least` and `most`: the smallest and the greatest answer; all between are equally likely."""

    least: Answer
    most: Answer

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.least:
            raise ValueError("most must not be under least")
        return self


class SumOfTwo(Challenge[Params]):
    """Two numbers of 2 to 9. The answer is drawn first: of two drawn numbers, 11 would be the best guess."""

    name = "sum_of_two"
    Params = Params

    def pose(self, opening: str) -> Posed:  # noqa: ARG002 - always a first question
        least, most = self.params.least, self.params.most
        answer = least + secrets.randbelow(most - least + 1)
        low, high = max(2, answer - 9), min(9, answer - 2)
        one = low + secrets.randbelow(high - low + 1)
        wanted = str(answer)
        words = ("sum", str(one), "plus", str(answer - one))
        return Posed(self.name, words, wanted, (3,) * len(wanted), 1 / (most - least + 1))
