"""What a person knows of a language: the sounds of its words, to tell which one is being heard.

The sounds are the shipped files; a run of 64 bytes of received audio finds its word and the place in it, whatever
the frames were cut like, for every 32nd such run of every word is in one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.asterisk import mulaw

WINDOW, STEP = 64, 32
# A run with fewer different bytes is silence or a hum, which many sounds have.
DISTINCT = 12
SUFFIXES = (".ulaw", ".wav")
TAKE = re.compile(r"-\d+$")


class Sound(NamedTuple):
    """One known recording; `word` is the same for each take of it."""

    language: str
    name: str
    audio: bytes

    @property
    def word(self) -> str:
        return TAKE.sub("", self.name).removeprefix("digits/")


class Place(NamedTuple):
    """A sound and how far into it."""

    sound: Sound
    offset: int


@dataclass(slots=True)
class Prompts:
    """All sounds that can be told apart; made once, used by every ear."""

    sounds: list[Sound] = field(default_factory=list)
    _places: dict[bytes, Place | list[Place]] = field(default_factory=dict)

    @classmethod
    def load(cls, folders: Mapping[str, Path]) -> Prompts:
        """`{"en": sounds/en/agi-screen, ...}`. Of a sound in two forms the .ulaw one is what is sent."""
        known = cls()
        for language, folder in folders.items():
            for name, path in sorted(files(folder).items()):
                known.add(Sound(language, name, mulaw.read(path)))
        return known

    def add(self, sound: Sound) -> None:
        self.sounds.append(sound)
        audio = sound.audio
        for offset in range(0, len(audio) - WINDOW + 1, STEP):
            run = audio[offset : offset + WINDOW]
            if not telling(run):
                continue
            place, there = Place(sound, offset), self._places.get(run)
            if there is None:
                self._places[run] = place
            elif isinstance(there, Place):
                self._places[run] = [there, place]
            else:
                there.append(place)

    def find(self, audio: bytes) -> tuple[int, list[Place]]:
        """A known run near the end of `audio`: where it is, and all places it may be of.

        As many positions as runs are apart are enough: a sound that goes on has one of its runs at one of them.
        """
        last = len(audio) - WINDOW
        for at in range(max(0, last - STEP + 1), last + 1):
            found = self._places.get(audio[at : at + WINDOW])
            if found is not None:
                return at, [found] if isinstance(found, Place) else list(found)
        return 0, []


def files(folder: Path) -> dict[str, Path]:
    """The sounds below a folder by name."""
    paths: Iterable[Path] = (path for suffix in reversed(SUFFIXES) for path in folder.rglob(f"*{suffix}"))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}


def telling(run: bytes) -> bool:
    """Whether a run is speech enough to know a sound by."""
    return len(set(run)) >= DISTINCT
