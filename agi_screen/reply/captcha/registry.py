"""The challenges: this folder's and third parties', each with its config table checked."""

from __future__ import annotations

from typing import Any

from agi_screen.base.errors import Problem
from agi_screen.base.registry import build_all, classes_of
from agi_screen.reply.captcha import challenges as challenge_folder
from agi_screen.reply.captcha.challenge import Challenge

AnyChallenge = Challenge[Any]
# Later attempts and whoever cannot press several keys are asked these, whatever the configuration adds.
PLAIN, EASY = "digits", "one_key"


def challenge_classes() -> dict[str, type[AnyChallenge]]:
    """Every known challenge by name."""
    return classes_of(challenge_folder, Challenge, "agi_screen.challenges")


def build_challenges(
    tables: dict[str, dict[str, Any]], where: str, lines: dict[str, int]
) -> tuple[list[AnyChallenge], list[Problem]]:
    """All challenges in the order of their names, and all that is wrong in their tables."""
    return build_all(challenge_classes(), tables, "challenges", where, lines)
