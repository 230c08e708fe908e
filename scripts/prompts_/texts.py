"""What callers hear: asterisk_conf/prompts/LANG.txt, a line a prompt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = ROOT / "asterisk_conf/prompts"
LANGUAGES = ("en", "es", "fr", "de", "it")
TAKES = 4
QUESTIONS = ("press", "again", "no-input", "more", "sum", "plus", "nth-first", "nth-second", "nth-last", "except")
PARTS = ("except-from", "one-key", "once-more", "passed", "pause", "pause-long", "choose")
WAYS_ON = ("callback-offer", "callback-taken", "redress", "case", "voicemail", "wait-last", "goodbye-failed")
DIALPLAN = ("goodbye-divert", "feedback-marked", "feedback-unknown")
SENTENCES = (*QUESTIONS, *PARTS, *WAYS_ON, *DIALPLAN)
DIGITS = tuple(f"digits/{digit}" for digit in range(10))
NAMES = (*SENTENCES, *(f"{digit}-{take}" for digit in DIGITS for take in range(1, TAKES + 1)))
SILENCE = re.compile(r"\[(\d+\.\d+) s\]")


class Prompt(NamedTuple):
    """One sound: what is said, and what the voice is given where it would say that wrongly."""

    name: str
    text: str
    spoken: str
    take: int = 0  # of a digit, from 1

    @property
    def silence(self) -> float:
        """Seconds of silence, where this is no speech."""
        found = SILENCE.fullmatch(self.text)
        return float(found[1]) if found else 0.0


class TextError(ValueError):
    """A file of texts that cannot be spoken; the text says where and why."""


def lines(language: str) -> dict[str, str]:
    """Name and right-hand side, in the order of the file."""
    path = PROMPTS / f"{language}.txt"
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        name, equals, text = (part.strip() for part in line.partition(" = "))
        if not (equals and text) or name in found:
            raise TextError(f"{path.name}:{number}: NAME = TEXT is expected, each name once")
        found[name] = text
    if wrong := set(found) ^ {*SENTENCES, *DIGITS}:
        raise TextError(f"{path.name}: missing or unknown: {', '.join(sorted(wrong))}")
    return found


def prompts(language: str) -> list[Prompt]:
    """Every sound of a language; a digit's line gives one for each take."""
    found = []
    for name, line in lines(language).items():
        text, _, spoken = (part.strip() for part in line.partition("~"))
        takes = range(1, TAKES + 1) if name in DIGITS else ()
        found += [Prompt(f"{name}-{take}", text, spoken or text, take) for take in takes]
        if not takes:
            found.append(Prompt(name, text, spoken or text))
    return found
