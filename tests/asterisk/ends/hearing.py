"""A person's ear: which words were spoken and when, from the received audio alone.

A word is understood when most of it has been heard; the question is over when the line is silent after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tests.asterisk.ends.prompts import Place, Prompts, Sound
from tests.asterisk.mulaw import FRAME_TICKS, RATE, loudness
from tests.asterisk.reception import Packet

UNDERSTOOD, COMPLETE = 0.6, 0.97
SILENT_SECONDS = 0.2
# Less than this of a word is a click.
SHORTEST = 2 * FRAME_TICKS
# What was not understood yet may be the soft beginning of a word: so much of it is remembered.
PAST = RATE // 2
AUDIBLE = 150.0
# A sound that goes on after a key does so within this many samples of where it was.
RESUMED = 800


class Heard(NamedTuple):
    """One word. Times are seconds on the RTP time line; it comes twice: when it is understood, and when it is over."""

    sound: Sound
    began: float
    ended: float | None
    share: float

    @property
    def name(self) -> str:
        return self.sound.name

    @property
    def word(self) -> str:
        return self.sound.word

    @property
    def language(self) -> str:
        return self.sound.language

    @property
    def understood(self) -> bool:
        return self.share >= UNDERSTOOD

    @property
    def complete(self) -> bool:
        return self.share >= COMPLETE


@dataclass(slots=True)
class _Word:
    """A word being heard: what it may be, how much of it came, and where on the time line that began and ended.

    `at` of a place is what the word's first sample would be at, were it that place.
    """

    places: list[Place]
    end: int
    came: int = 0
    told: bool = False

    @property
    def sound(self) -> Sound:
        return self.places[0].sound

    @property
    def share(self) -> float:
        return min(1.0, self.came / len(self.sound.audio))

    @property
    def sure(self) -> bool:
        """Whether all that it may still be says the same."""
        return len({(place.sound.language, place.sound.word) for place in self.places}) == 1

    def heard(self, *, over: bool) -> Heard:
        end = self.end / RATE
        return Heard(self.sound, end - self.places[0].offset / RATE, end if over else None, self.share)

    def follow(self, at: int, audio: bytes) -> int:
        """How much of the audio is the word's going on; what was lost in between is passed over."""
        lost, best = at - self.end, 0
        kept: list[Place] = []
        for sound, offset in self.places:
            match = matching(sound.audio[offset + lost : offset + lost + len(audio)], audio)
            if match > best:
                best, kept = match, []
            if match == best:
                kept.append(Place(sound, offset + lost + match))
        if best:
            self.places, self.end, self.came = kept, at + best, self.came + best
        return best

    @property
    def over(self) -> bool:
        return all(offset >= len(sound.audio) for sound, offset in self.places)


class Ear:
    """Give it each packet: `call.media.heard.listeners.append(ear.hear)`. `on_word` and `on_silence` are told.

    `heard` holds every word that is over.
    """

    def __init__(self, prompts: Prompts) -> None:
        self.heard: list[Heard] = []
        self.on_word: Callable[[Heard], None] = lambda word: None
        self.on_silence: Callable[[], None] = lambda: None
        self._prompts = prompts
        self._word: _Word | None = None
        self._cut: _Word | None = None
        self._past = b""
        self._end = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def hearing(self) -> bool:
        """Whether a word is being spoken just now."""
        return self._word is not None

    def hear(self, packet: Packet) -> None:
        """Packets that come late are as good as lost."""
        at, audio = packet.at, packet.payload
        if at < self._end:
            return
        if at > self._end:
            self._past = b""
        self._end = at + len(audio)
        if self._word is not None:
            audio = audio[self._follow(self._word, at, audio) :]
            self._expect_silence()
        if not audio:
            return
        if audio.count(audio[0]) < len(audio) and loudness(audio) > AUDIBLE:
            self._expect_silence()
        self._past = self._past[-PAST:] + audio
        self._search(self._past)

    def _search(self, past: bytes) -> None:
        """Looks for a word at the end of what was not understood so far."""
        if past.count(past[-1], -FRAME_TICKS) >= FRAME_TICKS:
            return
        where, places = self._prompts.find(past)
        if not places:
            return
        begin = self._end - len(past)
        word = _Word(places, begin + where)
        self._past = b""
        taken = word.follow(begin + where, past[where:])
        # What came before, of the same word, was too soft or too short to tell.
        sound, offset = word.places[0]
        head = matching(sound.audio[: offset - taken][::-1], past[:where][::-1])
        word.came += head
        self._resume(word, sound, offset - taken - head)
        self._word = word
        self._past = past[where + taken :]
        self._tell(word)
        if self._past or word.over:
            self._finish()

    def _resume(self, word: _Word, sound: Sound, offset: int) -> None:
        """A word that a key had cut short may go on from there: then it is the same word still."""
        cut, self._cut = self._cut, None
        if cut is not None and cut.sound == sound and abs(offset - cut.places[0].offset) < RESUMED:
            word.came, word.told = word.came + cut.came, cut.told

    def _follow(self, word: _Word, at: int, audio: bytes) -> int:
        taken = word.follow(at, audio)
        self._tell(word)
        if taken < len(audio) or word.over:
            self._finish()
        return taken

    def _tell(self, word: _Word) -> None:
        if not word.told and word.share >= UNDERSTOOD and word.sure:
            word.told = True
            self.on_word(word.heard(over=False))

    def _finish(self) -> None:
        word, self._word = self._word, None
        if word is not None and word.came >= SHORTEST:
            self._cut = None if word.over else word
            self.heard.append(word.heard(over=True))
            self.on_word(self.heard[-1])

    def _expect_silence(self) -> None:
        """Asterisk sends nothing where nothing is played, so silence is told by a clock."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + SILENT_SECONDS
        if self._timer is None:
            self._timer = loop.call_at(self._due, self._silent)

    def _silent(self) -> None:
        loop = asyncio.get_running_loop()
        if self._due > loop.time():
            self._timer = loop.call_at(self._due, self._silent)
            return
        self._timer = None
        self._finish()
        self.on_silence()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def matching(known: bytes, audio: bytes) -> int:
    """How many bytes from the beginning are the same."""
    length = min(len(known), len(audio))
    if known[:length] == audio[:length]:
        return length
    return next(n for n in range(length) if known[n] != audio[n])
