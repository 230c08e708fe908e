"""Which sounds there are, looked up once at the start: languages, recordings of each digit, the admin's own."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = "agi-screen"
LANGUAGES = ("de", "en", "es", "fr", "it")
DIGITS = "0123456789"
TAKES = 4  # recordings of each digit that are shipped
SENTENCES = (
    *("press", "again", "no-input", "more", "sum", "plus", "nth-first", "nth-second", "nth-last", "except"),
    *("except-from", "one-key", "once-more", "passed", "callback-offer", "callback-taken", "redress", "case"),
    *("voicemail", "wait-last", "choose", "goodbye-failed", "goodbye-divert", "feedback-marked", "feedback-unknown"),
    "pause",
)
# What Asterisk plays; the name without it is what AGI is told.
FORMATS = frozenset(
    {
        *("ulaw", "ul", "mu", "ulw", "pcm", "alaw", "al", "alw", "g722", "gsm", "g729", "ogg", "opus"),
        *("wav", "wav16", "WAV", "wav49", "sln", "raw", "sln12", "sln16", "sln24", "sln32", "sln44", "sln48"),
    }
)
_TAKE = re.compile(r"([0-9])(?:-[A-Za-z0-9_-]{1,40})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Voice:
    """The sounds of one language: each word with its recordings, below Asterisk's `sounds/<language>`."""

    language: str
    sounds: Mapping[str, tuple[str, ...]]
    own: tuple[str, ...] = ()  # words in the admin's own voice

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
    """The voices: those that are whole, and those that lack words and are not used.

    `unseen` says why the sounds could not be looked at, as where Asterisk runs on another machine; ours are then taken
    to be there.
    """

    voices: Mapping[str, Voice]
    incomplete: Mapping[str, Voice]
    unseen: str = ""

    @classmethod
    def found(cls, sounds: Path, folder: str) -> Prompts:
        """What is installed below Asterisk's `sounds`: ours, and over them the admin's own in `folder`."""
        try:
            found = [voice for place in _language_folders(sounds) if (voice := _voice(place, folder)).sounds]
        except OSError as error:
            unseen = f"{error.filename or sounds}: {error.strerror}"
            return cls({language: Voice(language, SHIPPED) for language in LANGUAGES}, {}, unseen)
        whole = {voice.language: voice for voice in found if not voice.missing}
        return cls(whole, {voice.language: voice for voice in found if voice.missing})

    def voice(self, language: str) -> Voice | None:
        """That of `es_MX`, else of `es`, else English, else any; None where there is none at all."""
        for wanted in (*self.alike(language), "en"):
            if wanted in self.voices:
                return self.voices[wanted]
        return next(iter(self.voices.values()), None)

    def alike(self, language: str) -> tuple[str, ...]:
        """What a speaker of this language understands, best first."""
        base = language.partition("_")[0]
        return (language, base, *(name for name in self.voices if name.partition("_")[0] == base))

    @property
    def state(self) -> dict[str, str]:
        """Each language in a word, for people and for checks."""
        if self.unseen:
            return {"not seen": self.unseen}
        lacking = {name: f"lacks {len(voice.missing)}" for name, voice in self.incomplete.items()}
        return dict.fromkeys(self.voices, "whole") | lacking


def _language_folders(sounds: Path) -> Iterator[Path]:
    """Each folder once, by the name a channel's language is likely to have: on Debian `en` leads to `en_US_f_Allison`.

    Raises OSError where they may not be looked at."""
    seen: set[str] = set()
    for name in sorted(os.listdir(sounds), key=lambda name: (_LANGUAGE.fullmatch(name) is None, name)):
        real = os.path.realpath(sounds / name)
        if os.path.isdir(real) and real not in seen:
            seen.add(real)
            yield sounds / name


def _voice(place: Path, folder: str) -> Voice:
    words = dict(_sounds_in(place, FOLDER))
    own = dict(_sounds_in(place, folder)) if folder != FOLDER else {}
    return Voice(place.name, words | own, tuple(own))


def _sounds_in(language: Path, folder: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words of a folder, each with its recordings."""
    takes: dict[str, list[str]] = {}
    for place in (folder, f"{folder}/digits"):
        for name in _names(language / place):
            if word := word_of(place.rpartition("/")[2], name):
                takes.setdefault(word, []).append(f"{place}/{name}")
    yield from ((word, tuple(paths)) for word, paths in takes.items())


def _names(folder: Path) -> list[str]:
    """The sounds of a folder without their formats, each once.

    Not those with an empty file, or a link to nowhere: Asterisk may choose just that format, and play nothing.
    """
    names: set[str] = set()
    mute: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name, _, kind = entry.name.rpartition(".")
                if name and kind in FORMATS:
                    (names if _plays(entry) else mute).add(name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(names - mute)


def _plays(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file() and entry.stat().st_size > 0
    except FileNotFoundError:
        return False


def word_of(folder: str, name: str) -> str:
    """The word that a sound of this name in a folder of this name says; empty for none of ours."""
    if folder == "digits":
        digit = _TAKE.fullmatch(name)
        return digit[1] if digit else ""
    return name if name in SENTENCES else ""
