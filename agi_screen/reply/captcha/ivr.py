"""A dialogue as AGI commands, each key with its moment. What bounds the waiting of a caller is here."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import Reply, command
from agi_screen.base.clock import Clock
from agi_screen.base.config import Captcha
from agi_screen.base.errors import AgiScreenError
from agi_screen.reply.captcha.dialogue import NOTHING, Ask, Heard, Say
from agi_screen.reply.captcha.prompts import Voice

R = TypeVar("R")
Sent = tuple[bytes, float]  # a command, and the seconds its reply may take
Talk = Generator[Sent, Reply, R]
Dialogue = Generator[Ask | Say, Heard, R]

GRACE_SECONDS = 5.0
# Milliseconds of silence that end a talk, and the loudness of speech: the mean size of the samples. Speech of -32 dBov
# is heard; the noise of a street (-40) and a prompt's echo that is 20 dB lower are not, as they are at Asterisk's 256.
TALKING = "600,512"
FAX, MODEM = dialplan.tone_detect(1100), dialplan.tone_detect(2100)
HEARD_TONES = command("GET VARIABLE", dialplan.TONES_HEARD)
COUNT = re.compile(r"\((\d{1,9})\)")
ANY_KEY = "0123456789*#"
AGAIN, ENOUGH = "*", "#"  # say it once more; that was all
REPEATS = 2  # times that a question is said again for `*`
MANY_KEYS = 20  # beyond these nobody answers a question
KEY_CODE = re.compile(r"[0-9]{2}")
ANSWER = command("ANSWER")
STATUS = command("CHANNEL STATUS")
PROGRESS = command("EXEC", "Progress")


class PromptError(AgiScreenError):
    """Asterisk could not play the question: nobody may be judged by what was never asked."""


def pressed(reply: Reply) -> str:
    """The key a reply tells of, by its ASCII code; empty for none."""
    code = int(reply.result) if reply.code == 200 and KEY_CODE.fullmatch(reply.result) else 0
    return chr(code) if chr(code) in ANY_KEY else ""


@dataclass(slots=True)
class Listening:
    """The keys of one question while it is asked. `asked` and `spoken` are those of its first time."""

    ask: Ask
    began: float
    spoken_before: float
    keys: str = ""
    early: int = 0
    pressed: list[float] = field(default_factory=list)
    asked: float = 0.0
    spoken: float = 0.0
    knowable: float = inf
    reacted: float = inf
    repeats: int = 0
    over: bool = False

    def press(self, key: str, place: int, now: float) -> None:
        """A key, at the word of this place. `over` from the last one on, at `#`, and for who presses without end."""
        if key == ENOUGH:
            self.over = True
        elif len(self.keys) < len(self.ask.known) and place >= self.ask.known[len(self.keys)]:
            if not self.keys:
                self.reacted = max(0.0, now - self.knowable)
            self.keys += key
            self.pressed.append(now - self.began)
            self.over = len(self.keys) == len(self.ask.known)
        else:
            self.early += 1
        self.over |= self.early + len(self.keys) >= MANY_KEYS

    def word(self, place: int, now: float) -> None:
        """A word begins."""
        if self.ask.known and place == self.ask.known[0] and self.knowable == inf:
            self.knowable = now

    def said(self, now: float, spoken: float) -> None:
        """The question is over. `spoken`: how long the caller has spoken in this call."""
        if not self.asked:
            self.asked = now - self.began
            self.spoken = max(0.0, spoken - self.spoken_before)

    def heard(self, now: float) -> Heard:
        """What came of it so far."""
        keys = (self.keys, self.early, tuple(self.pressed))
        return Heard(*keys, self.asked, now - self.began, self.spoken, self.reacted)


@dataclass(slots=True)
class Ears:
    """What Asterisk can hear for us, found out once for all callers. `tones`: None is not known yet.

    Asterisk logs an error each time a function is used that it does not have.
    """

    tones: bool | None = None


class Ivr:
    """Plays dialogues to one caller. Raises PromptError where nothing could be asked; a hang-up goes through."""

    def __init__(
        self, config: Captcha, voice: Voice, clock: Clock, spoken: Callable[[], float], ears: Ears | None = None
    ) -> None:
        self._config = config
        self.voice = voice
        self._clock = clock
        self._spoken = spoken
        self._ears = ears or Ears()
        self._listening: Listening | None = None
        self._listening_for = ""
        self.tone = ""

    def open(self, *, early: bool, watched: bool) -> Talk[None]:
        """Makes the caller hear us, before the answer if `early`. `watched`: Asterisk tells when they speak."""
        yield from self.extend()
        yield from self._alive(PROGRESS if early else ANSWER, GRACE_SECONDS)
        if watched:
            yield command("SET VARIABLE", dialplan.TALK_DETECT, TALKING), GRACE_SECONDS
        if self._ears.tones is not False:
            yield from self._listen_for("fax")
        if self._ears.tones is None:
            self._ears.tones = (yield HEARD_TONES, GRACE_SECONDS).result != "0"

    def close(self, *, watched: bool) -> Talk[None]:
        """Takes our ears off the call, which goes on to others."""
        if self._ears.tones:
            yield command("SET VARIABLE", dialplan.NO_TONE_DETECT, ""), GRACE_SECONDS
        if watched:
            yield command("SET VARIABLE", dialplan.NO_TALK_DETECT, ""), GRACE_SECONDS

    @property
    def unfinished(self) -> Heard | None:
        """What came of a question until a hang-up; None between questions."""
        if self._listening is None:
            return None
        now = self._now()
        self._listening.said(now, self._spoken())
        return self._listening.heard(now)

    def speak(self, voice: Voice) -> Talk[None]:
        """Another language, for the rest of the call."""
        self.voice = voice
        yield command("SET VARIABLE", dialplan.LANGUAGE, voice.language), GRACE_SECONDS

    def play(self, dialogue: Dialogue[R]) -> Talk[R]:
        """A whole dialogue, to its result."""
        try:
            step = next(dialogue)
            while True:
                heard = yield from (self._ask(step) if isinstance(step, Ask) else self._say(step))
                yield from self.extend()
                step = dialogue.send(heard)
        except StopIteration as end:
            result: R = end.value
            return result

    def extend(self) -> Talk[None]:
        """Asterisk's own time limit, so that a frozen daemon cannot hold a caller."""
        limit = str(round(self._config.step_time))
        yield command("SET VARIABLE", dialplan.ABSOLUTE_TIMEOUT, limit), GRACE_SECONDS

    def _say(self, say: Say) -> Talk[Heard]:
        for sound in self.voice.paths(say.words):
            yield from self._stream(sound, "")
        return NOTHING

    def _ask(self, ask: Ask) -> Talk[Heard]:
        listening = self._listening = Listening(ask, self._now(), self._spoken())
        sounds = self.voice.paths(ask.words)  # said again, it sounds the same
        while True:
            again = yield from self._question(listening, sounds)
            again = again or (yield from self._wait(listening))
            if not again or listening.repeats >= REPEATS:
                break
            listening.repeats += 1
            listening.keys, listening.pressed, listening.reacted = "", [], inf
        heard = listening.heard(self._now())
        if not listening.pressed and self._ears.tones:
            yield from self._heard_tone()
        self._listening = None
        return heard

    def _question(self, listening: Listening, sounds: tuple[str, ...]) -> Talk[bool]:
        """Says the question; True to say it again. A key ends the sentence, but no digit after it."""
        for place, sound in enumerate(sounds):
            at = 0
            listening.word(place, self._now())
            while not listening.over:
                reply = yield from self._stream(sound, ANY_KEY, at)
                key = pressed(reply)
                if not key:
                    break
                if key == AGAIN:
                    listening.said(self._now(), self._spoken())
                    return True
                listening.press(key, place, self._now())
                if place == 0:  # impatient with the sentence
                    break
                at = reply.endpos
        listening.said(self._now(), self._spoken())
        return False

    def _wait(self, listening: Listening) -> Talk[bool]:
        """Waits for the rest of the keys; True when the caller wants the question said again."""
        seconds = self._config.key_time * listening.ask.patience
        wait = command("WAIT FOR DIGIT", str(round(seconds * 1000)))
        while not listening.over:
            key = pressed((yield from self._alive(wait, seconds + GRACE_SECONDS)))
            if not key:
                break
            if key == AGAIN:
                return True
            listening.press(key, len(listening.ask.words), self._now())
        return False

    def _heard_tone(self) -> Talk[None]:
        """Asks Asterisk for the machine's tones. It listens for one at a time: for a modem after no fax was heard."""
        reply = yield HEARD_TONES, GRACE_SECONDS
        count = COUNT.search(reply.detail)
        if count is not None and int(count[1]):
            self.tone = self.tone or self._listening_for
        elif self._listening_for == "fax":
            yield from self._listen_for("modem")

    def _listen_for(self, machine: str) -> Talk[None]:
        self._listening_for = machine
        yield command("SET VARIABLE", FAX if machine == "fax" else MODEM, ""), GRACE_SECONDS

    def _stream(self, sound: str, interrupted_by: str, at: int = 0) -> Talk[Reply]:
        """Plays a sound from a sample on. Raises PromptError where Asterisk has no such sound."""
        offset = (str(at),) if at else ()
        line = command("STREAM FILE", sound, interrupted_by, *offset)
        reply = yield from self._alive(line, self._config.step_time + GRACE_SECONDS)
        if not pressed(reply) and not reply.endpos:
            raise PromptError(f"Asterisk could not play {sound}: are the prompts installed in its sounds folder?")
        return reply

    def _alive(self, line: bytes, within: float) -> Talk[Reply]:
        """`result=-1` is a hang-up or a failure; only the next command tells which, by raising on a dead channel."""
        reply = yield line, within
        if reply.result == "-1":
            yield STATUS, GRACE_SECONDS
            raise PromptError(f"Asterisk failed to {line.decode().strip()}: are the prompts installed in its sounds?")
        return reply

    def _now(self) -> float:
        return self._clock.ticks() / 1e9
