"""A person who hears the challenge and can press keys.

Asterisk tells the harness account which files a session plays (AGIExecStart, class agi): that is the person's ear.
"""

from __future__ import annotations

import asyncio
import re

from tests.asterisk.ami import Ami, Event
from tests.asterisk.caller import Caller

WAITING = ("WAIT FOR DIGIT", "SAY DIGITS")
SPOKEN = re.compile(r"digits/(\d)(?:-\d+)?|SAY DIGITS (\d+)")


def spoken_digits(command: str) -> str:
    """The digits an AGI command speaks: of `digits/N` files in order, or of SAY DIGITS."""
    return "".join(single or run for single, run in SPOKEN.findall(command))


class Ear:
    """Hears the challenges of all calls, told apart by the caller's number as the dialplan cleaned it."""

    def __init__(self, ami: Ami) -> None:
        self._challenges: dict[str, asyncio.Queue[str]] = {}
        self._heard: dict[str, str] = {}
        ami.listeners.append(self._listen)

    def _listen(self, event: Event) -> None:
        """The digits of one question come one file at a time; it is over when the session waits for a key."""
        if event.get("Event") != "AGIExecStart":
            return
        number, command = event.get("CallerIDNum", ""), event.get("Command", "")
        if "once-more" in command:  # the same digits follow
            self._heard.pop(number, None)
        self._heard[number] = self._heard.get(number, "") + spoken_digits(command)
        if command.startswith(WAITING) and self._heard[number]:
            self._queue(number).put_nowait(self._heard.pop(number))

    @property
    def numbers(self) -> set[str]:
        """Callers who are or were being asked."""
        return set(self._challenges) | set(self._heard)

    def _queue(self, number: str) -> asyncio.Queue[str]:
        return self._challenges.setdefault(number, asyncio.Queue())

    async def challenge(self, number: str, seconds: float = 10.0) -> str:
        """The next challenge spoken to that caller."""
        return await asyncio.wait_for(self._queue(number).get(), seconds)


async def solve(call: Caller, ear: Ear, seconds: float = 10.0) -> str:
    """Listens to the challenge and presses its keys; what a willing person does."""
    digits = await ear.challenge(call.dial.caller, seconds)
    await call.audible(seconds)
    await call.press(digits)
    return digits
