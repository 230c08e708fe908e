"""How long the questions take as they are recorded, against the time that Asterisk gives an attempt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agi_screen.base.config import PATIENCE_LATER
from agi_screen.doctor.finding import Finding, error, ok
from agi_screen.doctor.patient import Patient
from agi_screen.doctor.sound_file import listened_to
from agi_screen.reply.captcha.challenge import Posed
from agi_screen.reply.captcha.prompts import DIGITS, FORMATS
from agi_screen.reply.captcha.registry import EASY, PLAIN, AnyChallenge

TRIES = 8  # questions of one kind that are looked at: some choose among sentences
LATER = ("again", "no-input", "more")


def question_time(patient: Patient) -> Iterator[Finding]:
    """The longest question of each whole language, with the longest recording of each word."""
    if patient.prompts.unseen:
        return
    captcha = patient.config.captcha
    later = captcha.attempts > 1
    questions = [question for kind in patient.settings.challenges for question in _questions(kind, later=later)]
    for voice in patient.prompts.voices.values():
        seconds = {word: _longest(captcha.sounds / voice.language, paths) for word, paths in voice.sounds.items()}
        needs = [(_spoken(posed, seconds), posed, patience) for posed, patience in questions]
        spoken, posed, patience = max(
            needs, key=lambda need: need[0] + len(need[1].wanted) * captcha.key_time * need[2]
        )
        needed = spoken + len(posed.wanted) * captcha.key_time * patience
        what = f"question {voice.language}"
        text = f"the longest, {posed.kind}, takes {spoken:.1f} s to say and up to {needed:.0f} s with its keys"
        if needed > captcha.step_time:
            mend = f'[captcha] step_time = "{needed + 1:.0f}s", or a shorter key_time'
            yield error(what, f"{text}; Asterisk ends it after {captcha.step_time:g} s", mend)
        else:
            yield ok(what, text)


def _questions(challenge: AnyChallenge, *, later: bool) -> Iterator[tuple[Posed, float]]:
    if challenge.params.levels or challenge.name == PLAIN:
        yield from ((challenge.pose("press"), 1.0) for _ in range(TRIES))
    if later and challenge.name in (PLAIN, EASY):
        yield from ((challenge.slowly(opening), PATIENCE_LATER) for opening in LATER)


def _spoken(posed: Posed, seconds: dict[str, float]) -> float:
    """With the slowest digit in each digit's place."""
    digit = max(seconds[digit] for digit in DIGITS)
    return sum(digit if word in DIGITS else seconds.get(word, 0.0) for word in posed.words)


def _longest(place: Path, paths: tuple[str, ...]) -> float:
    files = (place / f"{path}.{kind}" for path in paths for kind in FORMATS)
    return max((listened_to(file).seconds for file in files if file.is_file()), default=0.0)
