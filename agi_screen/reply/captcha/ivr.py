"""A dialogue as AGI commands. Asterisk's own time limit is set first, so that a frozen daemon cannot hold a caller."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import Reply, command
from agi_screen.base.config import Captcha
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.verdict import CaptchaResult
from agi_screen.reply.captcha.dialogue import Ask, Dialogue, Prompts, Say, dialogue

Sent = tuple[bytes, float]  # a command, and the seconds its reply may take
Talk = Generator[Sent, Reply, CaptchaResult]
GRACE_SECONDS = 5.0
ANY_KEY = "0123456789*#"
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


def languages_with_digits(folder: str) -> frozenset[str]:
    """Languages whose core sounds are installed below Asterisk's `sounds` folder."""
    try:
        return frozenset(place.name for place in Path(folder).iterdir() if (place / "digits").is_dir())
    except OSError:  # Asterisk runs on another machine, or has no core sounds: ours are used
        return frozenset()


class Ivr:
    """Runs the CAPTCHA for many callers at once, up to `max_concurrent`."""

    def __init__(self, config: Captcha) -> None:
        self.configure(config)
        self.running = 0

    def configure(self, config: Captcha) -> None:
        self._config = config
        self._wait_for_key = command("WAIT FOR DIGIT", str(round(config.key_time * 1000)))
        self._core = languages_with_digits(config.core_sounds) if config.digit_sounds == "auto" else frozenset()

    def _prompts(self, language: str) -> Prompts:
        own = f"{self._config.prompts}/digits"
        digits = self._config.digit_sounds
        if digits == "auto":
            digits = "digits" if language in self._core else own
        return Prompts(self._config.prompts, digits)

    @property
    def full(self) -> bool:
        return self.running >= self._config.max_concurrent

    def run(self, language: str) -> Talk:
        """Yields commands and takes their replies. Raises PromptError where nothing could be asked; what is thrown
        in at a hang-up goes through."""
        self.running += 1
        try:
            yield from self._extend()
            yield from self._alive(ANSWER if self._config.media == "answer" else PROGRESS, GRACE_SECONDS)
            talk = dialogue(self._prompts(language), self._config.digits, self._config.attempts)
            return (yield from self._talk(talk))
        finally:
            self.running -= 1

    def _talk(self, talk: Dialogue) -> Talk:
        try:
            step = next(talk)
            while True:
                step = talk.send((yield from self._play(step)))
                yield from self._extend()
        except StopIteration as end:
            result: CaptchaResult = end.value
            return result

    def _play(self, step: Ask | Say) -> Generator[Sent, Reply, str]:
        """Says or asks one thing; returns the keys that were heard. The caller's silence is the empty string."""
        if isinstance(step, Say):
            yield from self._stream(step.sound, "")
            return ""
        keys = ""
        for sound in step.sounds:
            keys = yield from self._stream(sound, ANY_KEY)
            if keys:  # a key ends the playing: who knows the answer need not wait
                break
        while len(keys) < step.keys:
            key = pressed((yield from self._alive(self._wait_for_key, self._config.key_time + GRACE_SECONDS)))
            if not key:
                break
            keys += key
        return keys

    def _stream(self, sound: str, interrupted_by: str) -> Generator[Sent, Reply, str]:
        """Plays one sound; returns the key that ended it. Raises PromptError where Asterisk has no such sound."""
        line = command("STREAM FILE", sound, interrupted_by)
        reply = yield from self._alive(line, self._config.step_time + GRACE_SECONDS)
        key = pressed(reply)
        if not key and not reply.endpos:
            raise PromptError(f"Asterisk could not play {sound}: are the prompts installed in its sounds folder?")
        return key

    def _alive(self, line: bytes, within: float) -> Generator[Sent, Reply, Reply]:
        """`result=-1` is a hang-up or a failure; only the next command tells which, by raising on a dead channel."""
        reply = yield line, within
        if reply.result == "-1":
            yield STATUS, GRACE_SECONDS
            raise PromptError(f"Asterisk failed to {line.decode().strip()}: are the prompts installed in its sounds?")
        return reply

    def _extend(self) -> Generator[Sent, Reply, None]:
        limit = str(round(self._config.step_time))
        yield command("SET VARIABLE", dialplan.ABSOLUTE_TIMEOUT, limit), GRACE_SECONDS
