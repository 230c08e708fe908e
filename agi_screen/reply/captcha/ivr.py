"""Plays a dialogue over AGI. Asterisk's own time limit is set first, so that a frozen daemon cannot hold a caller."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import Reply, command
from agi_screen.base.config import Captcha
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.verdict import CaptchaResult
from agi_screen.reply.captcha.dialogue import Ask, Dialogue, Prompts, Say, dialogue

Execute = Callable[[bytes, float], Awaitable[Reply]]
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

    async def run(self, execute: Execute, language: str) -> CaptchaResult:
        """Raises PromptError where nothing could be asked; what `execute` raises on a hang-up goes through."""
        self.running += 1
        try:
            await self._extend(execute)
            await self._alive(execute, ANSWER if self._config.media == "answer" else PROGRESS, GRACE_SECONDS)
            talk = dialogue(self._prompts(language), self._config.digits, self._config.attempts)
            return await self._talk(execute, talk)
        finally:
            self.running -= 1

    async def _talk(self, execute: Execute, talk: Dialogue) -> CaptchaResult:
        try:
            step = next(talk)
            while True:
                step = talk.send(await self._play(execute, step))
                await self._extend(execute)
        except StopIteration as end:
            result: CaptchaResult = end.value
            return result

    async def _play(self, execute: Execute, step: Ask | Say) -> str:
        """Says or asks one thing; returns the keys that were heard. The caller's silence is the empty string."""
        if isinstance(step, Say):
            await self._stream(execute, step.sound, "")
            return ""
        keys = ""
        for sound in step.sounds:
            keys = await self._stream(execute, sound, ANY_KEY)
            if keys:  # a key ends the playing: who knows the answer need not wait
                break
        while len(keys) < step.keys:
            key = pressed(await self._alive(execute, self._wait_for_key, self._config.key_time + GRACE_SECONDS))
            if not key:
                break
            keys += key
        return keys

    async def _stream(self, execute: Execute, sound: str, interrupted_by: str) -> str:
        """Plays one sound; returns the key that ended it. Raises PromptError where Asterisk has no such sound."""
        line = command("STREAM FILE", sound, interrupted_by)
        reply = await self._alive(execute, line, self._config.step_time + GRACE_SECONDS)
        key = pressed(reply)
        if not key and not reply.endpos:
            raise PromptError(f"Asterisk could not play {sound}: are the prompts installed in its sounds folder?")
        return key

    async def _alive(self, execute: Execute, line: bytes, within: float) -> Reply:
        """`result=-1` is a hang-up or a failure; only the next command tells which, by raising on a dead channel."""
        reply = await execute(line, within)
        if reply.result == "-1":
            await execute(STATUS, GRACE_SECONDS)
            raise PromptError(f"Asterisk failed to {line.decode().strip()}: are the prompts installed in its sounds?")
        return reply

    async def _extend(self, execute: Execute) -> None:
        limit = str(round(self._config.step_time))
        await execute(command("SET VARIABLE", dialplan.ABSOLUTE_TIMEOUT, limit), GRACE_SECONDS)
