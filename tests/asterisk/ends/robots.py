"""Robots that call: each does one thing, and goes by what a machine has: loudness, clocks, chance, earlier answers."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.asterisk import mulaw
from tests.asterisk.caller import Caller
from tests.asterisk.ends.people import GAP_SECONDS, HOLD_SECONDS, first_of, frames
from tests.asterisk.ends.utterances import Utterances
from tests.asterisk.rtp import pause

PITCHES = Path(__file__).resolve().parents[1] / "pitches"
DIGITS = "0123456789"
# As fast as a telephone network carries keys: 40 ms each, 40 ms apart.
FASTEST = 2
CNG_HERTZ, CNG_SECONDS, CNG_PAUSE = 1100, 0.5, 3.0
CED_HERTZ, CED_SECONDS = 2100, 3.3


class RobotCall(NamedTuple):
    """How a robot's call went; `utterances` is how often somebody spoke to it."""

    utterances: int
    keys: str
    status: int
    seconds: float
    ended: str


@dataclass(frozen=True, slots=True)
class Timing:
    """How keys are pressed. A machine's are all alike; a careful robot draws them as people's are."""

    reaction: tuple[float, float] = (0.0, 0.0)
    hold: tuple[float, float] = (0.1, 0.1)
    gap: tuple[float, float] = (0.1, 0.1)


MACHINE = Timing()
HUMAN_LIKE = Timing((0.5, 4.0), HOLD_SECONDS, GAP_SECONDS)


@dataclass(frozen=True, slots=True)
class Manner:
    """What any robot may differ in."""

    patience: float = 60.0
    timing: Timing = MACHINE
    seed: int | None = None


PLAIN = Manner()


class Robot:
    """`await robot.run()` until the call ends or `patience` is over; alone, it is silent and waits."""

    keeps_audio = False

    def __init__(self, call: Caller, manner: Manner = PLAIN) -> None:
        self.call, self.patience, self.timing = call, manner.patience, manner.timing
        self.chance = random.Random(manner.seed)
        self.keys = ""
        self.ears = Utterances(self.on_end, keep=self.keeps_audio)
        self.ears.on_begin = self.on_begin
        self._doing: asyncio.Task[None] | None = None

    async def run(self) -> RobotCall:
        """Also where somebody answers: what a robot says to an operator is all the same."""
        call, loop = self.call, asyncio.get_running_loop()
        call.media.heard.listeners.append(self.ears.hear)
        await first_of(call.early, call.ended, seconds=self.patience)
        begun = loop.time()
        if call.early.done() and not call.ended.done():
            self.on_audio()
            await first_of(call.ended, seconds=self.patience)
        ended = call.ended.result() if call.ended.done() else "patience"
        call.hang_up()
        self.ears.forget()
        call.media.heard.listeners.remove(self.ears.hear)
        if self._doing is not None:
            self._doing.cancel()
        status = call.status.result() if call.status.done() else 0
        return RobotCall(self.ears.count, self.keys, status, loop.time() - begun, ended)

    def on_audio(self) -> None:
        """The line is open."""
        self.call.media.talk()

    def on_begin(self) -> None:
        """Somebody began to speak."""

    def on_end(self, audio: bytes) -> None:
        """Somebody has spoken; the audio only where the robot keeps it."""

    def do_press(self, keys: str) -> None:
        """Presses in the background, after what it does already was dropped."""
        if self._doing is not None:
            self._doing.cancel()
        self._doing = asyncio.create_task(self._press(keys))

    async def _press(self, keys: str) -> None:
        timing = self.timing
        await pause(self.chance.uniform(*timing.reaction))
        for key in keys:
            self.keys += key
            hold, gap = self.chance.uniform(*timing.hold), self.chance.uniform(*timing.gap)
            await self.call.press(key, hold=frames(hold), gap=frames(gap))


class SilentRobot(Robot):
    """Says nothing, presses nothing, stays on the line."""


class ReplayRobot(Robot):
    """Plays its pitch over and over from the first packet on, whoever speaks."""

    def __init__(self, call: Caller, pitch: bytes, manner: Manner = PLAIN) -> None:
        super().__init__(call, manner)
        self.pitch = pitch

    def on_audio(self) -> None:
        self.call.media.talk(self.pitch)


class GuessingRobot(Robot):
    """Keys drawn by chance, as many as the answer has, each time somebody has spoken."""

    def __init__(self, call: Caller, length: int, manner: Manner = PLAIN) -> None:
        super().__init__(call, manner)
        self.length = length

    def on_end(self, audio: bytes) -> None:
        self.do_press("".join(self.chance.choices(DIGITS, k=self.length)))


class FixedKeyRobot(Robot):
    """One key, early, and silence after it: what a dialler does that was taught "press 1"."""

    key = "1"

    def on_audio(self) -> None:
        super().on_audio()
        self.do_press(self.key)


class FloodRobot(Robot):
    """All keys, all the time, as fast as they go."""

    def on_audio(self) -> None:
        super().on_audio()
        self._doing = asyncio.create_task(self._flood())

    async def _flood(self) -> None:
        while not self.call.ended.done():
            key = self.chance.choice(DIGITS)
            self.keys += key
            await self.call.press(key, hold=FASTEST, gap=FASTEST)


@dataclass(slots=True)
class Answers:
    """What robots of one owner remember of earlier calls: keys that passed, and keys they pressed."""

    passed: deque[str] = field(default_factory=lambda: deque(maxlen=100))
    pressed: deque[str] = field(default_factory=lambda: deque(maxlen=100))

    def any(self, chance: random.Random) -> str:
        """One that passed before, else any."""
        known = self.passed or self.pressed
        return chance.choice(list(known)) if known else ""


class EchoRobot(Robot):
    """Presses the answer to an earlier question, or its own last keys again."""

    def __init__(self, call: Caller, answers: Answers, manner: Manner = PLAIN) -> None:
        super().__init__(call, manner)
        self.answers = answers

    def on_end(self, audio: bytes) -> None:
        keys = self.answers.any(self.chance)
        if keys:
            self.answers.pressed.append(keys)
            self.do_press(keys)


class FaxRobot(Robot):
    """A fax machine that calls (CNG), or a modem that answers (`answering=True`)."""

    def __init__(self, call: Caller, manner: Manner = PLAIN, *, answering: bool = False) -> None:
        super().__init__(call, manner)
        self.answering = answering

    def on_audio(self) -> None:
        self.call.media.talk(CED if self.answering else CNG)


class HangupRobot(Robot):
    """Hangs up when it is spoken to: it wants an operator or nothing."""

    def on_begin(self) -> None:
        self.call.hang_up()


CNG = mulaw.tone((CNG_HERTZ,), CNG_SECONDS) + mulaw.quiet(CNG_PAUSE)
CED = mulaw.tone((CED_HERTZ,), CED_SECONDS) + mulaw.quiet(CNG_PAUSE)


def pitch(name: str) -> bytes:
    return (PITCHES / f"{name}.ulaw").read_bytes()


def pitches() -> dict[str, bytes]:
    """All of them, by name."""
    return {path.stem: path.read_bytes() for path in sorted(PITCHES.glob("*.ulaw"))}
