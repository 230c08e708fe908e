"""Which question is put to a caller: by attack level and attempt, at random, none twice in a row to the same caller."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from cachetools import LRUCache

from agi_screen.base.conduct import Attempt
from agi_screen.base.verdict import Level
from agi_screen.reply.captcha.challenge import Posed
from agi_screen.reply.captcha.registry import EASY, PLAIN, AnyChallenge

REMEMBERED = 20_000  # callers whose last question is known
DRAWS = 8  # a question of few answers may come twice all the same


class Picker:
    """Remembers the last question of each caller."""

    def __init__(self, challenges: Sequence[AnyChallenge]) -> None:
        self._last: LRUCache[str, tuple[str, str]] = LRUCache(REMEMBERED)
        self.configure(challenges)

    def configure(self, challenges: Sequence[AnyChallenge]) -> None:
        """Takes other challenges from now on."""
        self._by_name = {challenge.name: challenge for challenge in challenges}
        self._at = {level: [c for c in challenges if level in c.params.levels] for level in Level}

    def forget(self, caller: str) -> None:
        """What this caller was asked last."""
        self._last.pop(caller, None)

    def pose(
        self, caller: str, level: Level, before: Sequence[Attempt], *, last: bool, easy: Callable[[], bool]
    ) -> Posed:
        """The next question. `last`: no attempt follows; `easy`: whether one key may be asked, where it would help."""
        opening = _opening(before)
        kind = self._kind(caller, level, before, last=last, easy=easy)
        for _ in range(DRAWS):
            posed = kind.slowly(opening) if before and not before[-1].right else kind.pose(opening)
            if self._last.get(caller) != (posed.kind, posed.wanted):
                break
        self._last[caller] = (posed.kind, posed.wanted)
        return posed

    def _kind(
        self, caller: str, level: Level, before: Sequence[Attempt], *, last: bool, easy: Callable[[], bool]
    ) -> AnyChallenge:
        if before:
            helped = last and EASY in self._by_name and _needs_help(before) and easy()
            return self._by_name[EASY if helped else PLAIN]
        asked_last = self._last.get(caller, ("", ""))[0]
        choice = self._at[level] or [self._by_name[PLAIN]]
        others = [challenge for challenge in choice if challenge.name != asked_last]
        return secrets.choice(others or choice)


def _opening(before: Sequence[Attempt]) -> str:
    if not before:
        return "press"
    if before[-1].right:
        return "more"
    return "no-input" if before[-1].silent else "again"


def _needs_help(before: Sequence[Attempt]) -> bool:
    """Began with the right keys and did not get to their end, or pressed none: no guesser, but a hand that is slow."""
    return any(attempt.begun for attempt in before) or all(attempt.silent for attempt in before)
