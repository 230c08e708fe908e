"""Plays a dialogue over AGI. Asterisk's own time limit is set first, so that a frozen daemon cannot hold a caller."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from agi_screen.base import dialplan
from agi_screen.base.agi_wire import Reply, command
from agi_screen.base.clock import Clock
from agi_screen.base.config import Captcha
from agi_screen.base.errors import AgiScreenError
from agi_screen.base.verdict import CaptchaResult
from agi_screen.reply.captcha.dialogue import Ask, Dialogue, Prompts, Say, dialogue

Execute = Callable[[bytes, float], Awaitable[Reply]]
GRACE_SECONDS = 5.0
ANSWER = command("ANSWER")
PROGRESS = command("EXEC", "Progress")


class PromptError(AgiScreenError):
    """Asterisk could not play the question: nobody may be judged by what was never asked."""


def languages_with_digits(folder: str) -> frozenset[str]:
    """Languages whose core sounds are installed below Asterisk's `sounds` folder."""
    try:
        return frozenset(place.name for place in Path(folder).iterdir() if (place / "digits").is_dir())
    except OSError:  # Asterisk runs on another machine, or has no core sounds: ours are used
        return frozenset()


class Ivr:
    """Runs the CAPTCHA for many callers at once, up to `max_concurrent`."""

    def __init__(self, config: Captcha, clock: Clock) -> None:
        self._clock = clock
        self.configure(config)
        self.running = 0

    def configure(self, config: Captcha) -> None:
        self._config = config
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
            await execute(ANSWER if self._config.media == "answer" else PROGRESS, GRACE_SECONDS)
            talk = dialogue(self._prompts(language), self._config.digits, self._config.attempts)
            return await self._talk(execute, talk)
        finally:
            self.running -= 1

    async def _talk(self, execute: Execute, talk: Dialogue) -> CaptchaResult:
        try:
            step = next(talk)
            while True:
                step = talk.send(await self._play(execute, step))
        except StopIteration as end:
            result: CaptchaResult = end.value
            return result

    async def _play(self, execute: Execute, step: Ask | Say) -> str:
        await self._extend(execute)
        within = self._config.step_time + GRACE_SECONDS
        if isinstance(step, Say):
            await execute(command("STREAM FILE", step.sound, ""), within)
            return ""
        wait = round(self._config.key_time * 1000)
        began = self._clock.ticks()
        reply = await execute(command("GET DATA", "&".join(step.sounds), str(wait), str(step.keys)), within)
        if not reply.result and (self._clock.ticks() - began) / 1e9 < self._config.key_time * 0.9:
            raise PromptError(f"Asterisk could not play {step.sounds[0]}: are the prompts installed?")
        return reply.result if reply.code == 200 else ""

    async def _extend(self, execute: Execute) -> None:
        limit = str(round(self._config.step_time))
        await execute(command("SET VARIABLE", dialplan.ABSOLUTE_TIMEOUT, limit), GRACE_SECONDS)
