"""A person who calls: listens to the audio, thinks, and presses keys as people do."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.asterisk import mulaw
from tests.asterisk.caller import Caller
from tests.asterisk.ends.hearing import Ear, Heard
from tests.asterisk.ends.prompts import Prompts
from tests.asterisk.ends.questions import PARTS, PASSED, answer, asked
from tests.asterisk.mulaw import FRAME_SECONDS, PAD
from tests.asterisk.rtp import pause

# A telephone in a quiet room.
ROOM = mulaw.quiet(1.0, noise=12)
REACTION_SECONDS = (0.5, 4.0)
GAP_SECONDS = (0.15, 0.6)
HOLD_SECONDS = (0.08, 0.22)
# Nothing more was said for this long, and it made no sense: `*`.
PUZZLED_SECONDS = 2.0
AGAIN = "*"


@dataclass(frozen=True, slots=True)
class Traits:
    """What people differ in; the defaults are a person without haste or trouble.

    `slip` is the chance of a neighbouring key at each press, `unsure` of asking again though all was understood.
    """

    language: str = "en"
    reaction: tuple[float, float] = REACTION_SECONDS
    slip: float = 0.03
    unsure: float = 0.0
    patience: float = 90.0
    hears: bool = True
    impatient: bool = False
    one_key: bool = False
    wants_callback: bool = True


EVERYDAY = Traits()
HEARING_IMPAIRED = Traits(hears=False)
MOTOR_IMPAIRED = Traits(one_key=True, reaction=(3.0, 6.0))
IMPATIENT = Traits(impatient=True, reaction=(0.2, 0.5), patience=40.0)


class PersonCall(NamedTuple):
    """How a call went, as far as the person can tell. Seconds are from the first audio to the word `passed`."""

    attempts: int
    keys: str
    passed: bool
    seconds: float
    ended: str
    slips: int
    questions: tuple[str, ...]


@dataclass(slots=True)
class _Question:
    """The question being heard: its words, whether a word of it was missed, and how much of it is answered."""

    words: list[str] = field(default_factory=list)
    doubt: bool = False
    noted: bool = False
    pressed: int = 0


class Person:
    """`await Person(call, prompts).run()`: until `passed` is heard, the call ends, or patience does."""

    def __init__(
        self, call: Caller, prompts: Prompts, traits: Traits = EVERYDAY, chance: random.Random | None = None
    ) -> None:
        self.call, self.traits = call, traits
        self.chance = chance or random.Random()
        self.ear = Ear(prompts)
        self.ear.on_word, self.ear.on_silence = self._word, self._silence
        self.questions: list[str] = []
        self.keys, self.slips = "", 0
        self._question = _Question()
        self._to_press: deque[str] = deque()
        self._thinking: asyncio.Task[None] | None = None
        self._pressing: asyncio.Task[None] | None = None
        self._passed: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def run(self) -> PersonCall:
        call = self.call
        call.media.heard.listeners.append(self.ear.hear)
        await first_of(call.early, call.ended, seconds=self.traits.patience)
        begun = time.monotonic()
        if call.early.done():
            call.media.talk(ROOM)
            await first_of(self._passed, call.ended, seconds=self.traits.patience)
        ended = "passed" if self._passed.done() else call.ended.result() if call.ended.done() else "patience"
        if ended == "patience":
            call.hang_up()
        call.media.heard.listeners.remove(self.ear.hear)
        self.ear.close()
        self._stop_thinking()
        self._to_press.clear()
        seconds = self._passed.result() - begun if self._passed.done() else 0.0
        questions = tuple(self.questions)
        return PersonCall(len(questions), self.keys, ended == "passed", seconds, ended, self.slips, questions)

    def _word(self, heard: Heard) -> None:
        """Words come when they are understood, and again when they are over; of those only the missed ones count."""
        if not self.traits.hears or heard.language != self.traits.language:
            return
        if heard.ended is not None:
            self._question.doubt |= not heard.understood and not self._pressing
            return
        if heard.word == PASSED and not self._passed.done():
            self._passed.set_result(time.monotonic())
        self._stop_thinking()
        if heard.word not in PARTS:
            self._question = _Question()
            self._to_press.clear()
        self._question.words.append(heard.word)
        if self.traits.impatient:
            self._answer(answer(self._question.words) or "")

    def _silence(self) -> None:
        """The question seems to be over; what is said after all stops the thinking."""
        if asked(self._question.words) and not self._thinking:
            self._thinking = asyncio.create_task(self._think(self._question))

    def _stop_thinking(self) -> None:
        if self._thinking is not None:
            self._thinking.cancel()
            self._thinking = None

    async def _think(self, question: _Question) -> None:
        keys = answer(question.words)
        if keys is None or question.doubt:
            await pause(PUZZLED_SECONDS)
            self._answer(AGAIN)
            return
        await pause(self._reaction())
        if question.words[0] == "callback-offer" and not self.traits.wants_callback:
            return
        self._answer(AGAIN if self.chance.random() < self.traits.unsure else keys)

    def _answer(self, keys: str) -> None:
        """Goes to the keys, with what is not pressed yet."""
        question = self._question
        if self.traits.one_key:
            keys = keys[:1]
        if not keys[question.pressed :]:
            return
        if not question.noted:
            question.noted = True
            self.questions.append(" ".join(question.words))
        self._to_press.extend(keys[question.pressed :])
        question.pressed = len(keys)
        if self._pressing is None:
            self._pressing = asyncio.create_task(self._press())

    async def _press(self) -> None:
        """A key once touched is pressed to its end; a new question stops the rest."""
        while self._to_press:
            key = self._to_press.popleft()
            pressed = self._slipped(key)
            self.keys += pressed
            self.slips += pressed != key
            hold, gap = self.chance.uniform(*HOLD_SECONDS), self.chance.uniform(*GAP_SECONDS)
            await self.call.press(pressed, hold=frames(hold), gap=frames(gap))
        self._pressing = None

    def _slipped(self, key: str) -> str:
        return self.chance.choice(neighbours(key)) if self.chance.random() < self.traits.slip else key

    def _reaction(self) -> float:
        """Mostly about a second and a half, sometimes much longer, within the bounds."""
        low, high = self.traits.reaction
        return min(high, low + (high - low) * self.chance.lognormvariate(-1.4, 0.7))


async def first_of(*futures: asyncio.Future[Any], seconds: float) -> None:
    """Until one of them is done, or the time is over; cancels none."""
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def frames(seconds: float) -> int:
    return max(1, round(seconds / FRAME_SECONDS))


def neighbours(key: str) -> str:
    """The keys a finger meets that misses this one by a little."""
    row, column = next((r, keys.index(key)) for r, keys in enumerate(PAD) if key in keys)
    near = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
    return "".join(PAD[r][c] for r, c in near if 0 <= r < len(PAD) and 0 <= c < len(PAD[0]))
