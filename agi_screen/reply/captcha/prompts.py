"""Which sounds there are, looked up once at the start: languages, recordings of each digit, the admin's own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = "agi-screen"
LANGUAGES = ("de", "en", "es", "fr", "pt_BR")
DIGITS = "0123456789"
TAKES = 4  # recordings of each digit that are shipped
SENTENCES = (
    *("press", "again", "no-input", "more", "sum", "plus", "nth-first", "nth-second", "nth-last", "except"),
    *("except-from", "one-key", "once-more", "passed", "callback-offer", "callback-taken", "redress", "case"),
    *("voicemail", "wait-last", "choose", "goodbye-failed", "goodbye-divert", "feedback-marked", "feedback-unknown"),
    "pause",
)
# What Asterisk plays; the name without it is what AGI is told.
FORMATS = frozenset({"ulaw", "alaw", "g722", "gsm", "wav", "WAV", "wav16", "wav49", "sln", "sln16", "g729", "opus"})
_TAKE = re.compile(r"([0-9])(?:-[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Voice:
    """The sounds of one language: each word with its recordings, below Asterisk's `sounds/<language>`."""

    language: str
    sounds: Mapping[str, tuple[str, ...]]

    def paths(self, words: Sequence[str]) -> tuple[str, ...]:
        """One recording of each word; of several, any."""
        return tuple(secrets.choice(self.sounds[word]) for word in words)

    @property
    def missing(self) -> tuple[str, ...]:
        """Words without a sound."""
        return tuple(word for word in (*SENTENCES, *DIGITS) if word not in self.sounds)


SHIPPED = {word: (f"{FOLDER}/{word}",) for word in SENTENCES} | {
    digit: tuple(f"{FOLDER}/digits/{digit}-{take}" for take in range(1, TAKES + 1)) for digit in DIGITS
}


@dataclass(frozen=True, slots=True)
class Prompts:
    """The voices. `seen`: whether the sounds could be looked at; Asterisk may run on another machine."""

    voices: Mapping[str, Voice]
    seen: bool
    problems: tuple[str, ...] = field(default=())

    @classmethod
    def found(cls, sounds: Path, folder: str) -> Prompts:
        """What is installed below Asterisk's `sounds`: ours, and over them the admin's own in `folder`."""
        if not sounds.is_dir():
            return cls({language: Voice(language, SHIPPED) for language in LANGUAGES}, seen=False)
        voices: dict[str, Voice] = {}
        problems: list[str] = []
        for place in sorted(sounds.iterdir()):
            words = dict(_sounds_in(place, FOLDER)) | (dict(_sounds_in(place, folder)) if folder != FOLDER else {})
            voice = Voice(place.name, words)
            if not words:
                continue
            if not voice.missing:
                voices[place.name] = voice
            else:
                problems.append(f"{place}: no sound of {', '.join(voice.missing)}")
        if not voices:
            problems.append(f"{sounds}/<language>/{FOLDER}: no language is whole")
        return cls(voices, seen=True, problems=tuple(problems))

    def voice(self, language: str) -> Voice | None:
        """That of `es_MX`, else of `es`, else English, else any; None where there is none at all."""
        base = language.partition("_")[0]
        for wanted in (language, base, *(name for name in self.voices if name.partition("_")[0] == base), "en"):
            if wanted in self.voices:
                return self.voices[wanted]
        return next(iter(self.voices.values()), None)


def _sounds_in(language: Path, folder: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words of a folder, each with its recordings."""
    for name in _names(language / folder):
        if name in SENTENCES:
            yield name, (f"{folder}/{name}",)
    takes: dict[str, list[str]] = {}
    for name in _names(language / folder / "digits"):
        if digit := _TAKE.fullmatch(name):
            takes.setdefault(digit[1], []).append(f"{folder}/digits/{name}")
    yield from ((digit, tuple(paths)) for digit, paths in takes.items())


def _names(folder: Path) -> Iterable[str]:
    """The sounds of a folder without their formats, each once."""
    try:
        return sorted({path.stem for path in folder.iterdir() if path.suffix[1:] in FORMATS})
    except OSError:
        return ()
