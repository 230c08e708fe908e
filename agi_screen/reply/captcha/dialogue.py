"""The talk with a caller as data: what is said and asked, what is heard. No I/O: tested as a script of both sides."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from dataclasses import dataclass

from agi_screen.base.verdict import CaptchaResult


@dataclass(frozen=True, slots=True)
class Ask:
    """Play these sounds, which a key interrupts, then take up to `keys` keys."""

    sounds: tuple[str, ...]
    keys: int


@dataclass(frozen=True, slots=True)
class Say:
    """Play this sound; nothing is asked."""

    sound: str


@dataclass(frozen=True, slots=True)
class Prompts:
    """Where the sounds are, below Asterisk's `sounds/<language>`."""

    folder: str
    digits: str

    def named(self, name: str) -> str:
        return f"{self.folder}/{name}"

    def spoken(self, digits: str) -> tuple[str, ...]:
        return tuple(f"{self.digits}/{digit}" for digit in digits)


Heard = str
Dialogue = Generator[Ask | Say, Heard, CaptchaResult]


def random_digits(count: int) -> str:
    """From the system's secure source: what a robot has seen says nothing of what comes."""
    return "".join(str(secrets.randbelow(10)) for _ in range(count))


def dialogue(prompts: Prompts, digits: int, attempts: int) -> Dialogue:
    """Asks for fresh digits up to `attempts` times. Send it what was heard; it returns PASSED or FAILED."""
    opening = "press"
    for _ in range(attempts):
        wanted = random_digits(digits)
        heard = yield Ask((prompts.named(opening), *prompts.spoken(wanted)), digits)
        if secrets.compare_digest(heard.encode(), wanted.encode()):
            yield Say(prompts.named("passed"))
            return CaptchaResult.PASSED
        opening = "again" if heard else "no-input"
    return CaptchaResult.FAILED
