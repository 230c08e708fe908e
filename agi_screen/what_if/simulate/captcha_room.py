"""The CAPTCHA as the centre sees it: how long a caller is in it, and how it ends. Derived from `[captcha]`."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from agi_screen.base.config import PATIENCE_LATER, Config
from agi_screen.base.verdict import CaptchaResult
from agi_screen.what_if.simulate.attacks import Way
from agi_screen.what_if.simulate.scenario import CaptchaOfPeople

# Seconds of the shipped prompts (asterisk_conf/sounds/en/agi-screen/manifest.json). Who fails is offered a call-back
# before the goodbye.
PRESS, AGAIN, NO_INPUT, PASSED, GOODBYE, DIGIT = 2.1, 3.2, 2.3, 0.6, 6.3 + 3.7, 0.5
PAUSE, ONCE_MORE = 0.6, 0.6


class Ended(NamedTuple):
    """How a caller's CAPTCHA ends, and after how many seconds."""

    result: CaptchaResult
    seconds: float


class CaptchaRoom:
    """Counts who is in it: beyond `max_concurrent` the configuration says what becomes of callers."""

    def __init__(self, config: Config, rng: Random) -> None:
        self.config = config.captcha
        self._digits = int(config.challenges["digits"]["digits"])
        self.running = 0
        self._rng = rng

    @property
    def full(self) -> bool:
        return self.running >= self.config.max_concurrent

    @property
    def goodbye(self) -> float:
        """Seconds in which who failed is told how else to reach this place."""
        return GOODBYE

    def person(self, ways: CaptchaOfPeople) -> Ended:
        """Some hang up at once, some cannot or will not press keys, most answer."""
        u = self._rng.random()
        if u < ways.hang_up:
            return Ended(CaptchaResult.HUNGUP, self._question(0) / 2)
        if u < ways.hang_up + ways.no_keys:
            return self._silent()
        return self._tries(ways.right, ways.answer_time)

    def robot(self, way: Way, recognises: float) -> Ended:
        """`recognises`: the share of attempts a speech recogniser gets right."""
        if way == "silent":
            return self._silent()
        right = recognises if way == "recognise" else 10.0**-self._digits
        return self._tries(right, 1.0)

    def _question(self, attempt: int) -> float:
        """The later ones are said slowly, and twice."""
        return self._slowly(AGAIN) if attempt else PRESS + self._digits * DIGIT

    def _slowly(self, opening: float) -> float:
        return opening + 2 * self._digits * (DIGIT + PAUSE) + ONCE_MORE

    def _silent(self) -> Ended:
        attempts = min(self.config.attempts, self.config.silent_attempts)
        first = self._question(0) + self.config.key_time
        later = self._slowly(NO_INPUT) + PATIENCE_LATER * self.config.key_time
        return Ended(CaptchaResult.FAILED, first + (attempts - 1) * later)

    def _tries(self, right: float, answer_time: float) -> Ended:
        seconds = 0.0
        for attempt in range(self.config.attempts):
            seconds += self._question(attempt) + answer_time
            if self._rng.random() < right:
                return Ended(CaptchaResult.PASSED, seconds + PASSED)
        return Ended(CaptchaResult.FAILED, seconds)
