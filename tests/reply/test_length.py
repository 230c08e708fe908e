"""The shipped prompts leave a person who answers at once time enough: each first question, in each language."""

import json
from pathlib import Path

import pytest

from agi_screen.base.conduct import Attempt
from agi_screen.base.verdict import Level
from agi_screen.reply.captcha.picker import Picker
from agi_screen.reply.captcha.prompts import LANGUAGES
from tests.reply.shipped import CHALLENGES

SOUNDS = Path(__file__).resolve().parents[2] / "asterisk_conf/sounds"
GOAL = 12.0
KEY = 0.3  # after the question; the first keys may be pressed while it is still being asked
ANSWER = 0.2  # Asterisk's, and the daemon's commands between the sounds
DRAWS = 200


def longest(language: str) -> dict[str, float]:
    """Seconds of each word, of a digit those of its longest recording."""
    said = json.loads((SOUNDS / language / "agi-screen/manifest.json").read_text())["sounds"]
    seconds: dict[str, float] = {}
    for name, sound in said.items():
        word = name.removeprefix("digits/").partition("-")[0] if name.startswith("digits/") else name
        seconds[word] = max(seconds.get(word, 0.0), sound["seconds"])
    return seconds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("challenge", [c for c in CHALLENGES if c.params.levels], ids=lambda c: str(c.name))
def test_a_first_question_is_over_in_twelve_seconds(language: str, challenge: object) -> None:
    seconds = longest(language)
    for _ in range(DRAWS):
        posed = challenge.pose("press")  # type: ignore[attr-defined]
        spoken = sum(seconds[word] for word in posed.words)
        assert ANSWER + spoken + KEY * len(posed.wanted) + seconds["passed"] < GOAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_question_said_twice_leaves_the_time_that_asterisk_gives(language: str) -> None:
    seconds, picker = longest(language), Picker(CHALLENGES)
    for last in (False, True):
        posed = picker.pose("+1", Level.NORMAL, [Attempt("digits")], last=last, easy=lambda: True)
        assert sum(seconds[word] for word in posed.words) < GOAL * 1.5
