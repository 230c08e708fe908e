"""Passwords: what is asked of them, and argon2 in threads that give way to calls."""

from __future__ import annotations

import asyncio
import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from agi_screen.web.route import ApiError

T = TypeVar("T")
LEAST, MOST = 12, 256
AT_ONCE, WAITING = 2, 8
NICE = 10
MEMORY_KIB, ROUNDS = 65_536, 2
# Of twelve characters and more, those that lists of stolen passwords are full of; and all that repeat one thing.
_WORST = (
    "123456789012 1234567890123 12345678910 123456789123 password1234 passwordpassword password12345 adminadminadmin "
    "administrator administrator1 qwertyuiop12 qwertyuiopas qwertyuiop123 qwerty123456 1qaz2wsx3edc 1q2w3e4r5t6y "
    "abcdefghijkl abcdefghijklm abc123abc123 iloveyou1234 letmeinletmein welcome12345 changemechangeme "
    "changeme1234 secretsecret asteriskasterisk callscreening agi-screen12 trustno1trustno1 unbelievable "
    "superman1234 dragondragon football1234 princess1234 sunshine1234 monkeymonkey masterpassword"
)
WORST = frozenset(_WORST.split())
LEAST_KINDS = 5


def check_password(name: str, password: str) -> None:
    """Raises ApiError; never says the password."""
    low = password.casefold()
    if len(password) < LEAST:
        raise ApiError(400, "password", "", f"is too short: take {LEAST} characters or more, such as four words")
    if len(password) > MOST:
        raise ApiError(400, "password", "", f"is too long: take {MOST} characters at most")
    if name.casefold() in low and len(password) - len(name) < LEAST:
        raise ApiError(400, "password", "", "is the account's name with little else: take another")
    if low in WORST or len(set(low)) < LEAST_KINDS:
        raise ApiError(400, "password", "", "is one of those tried first: take another, such as four words")


class Passwords:
    """Hashes and compares, two at once at most; a few may wait, and who comes then is sent away."""

    def __init__(self, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, "argon2", initializer=_give_way)
        self._nobody = ""  # compared with when there is no such account, so that it takes as long
        self._nobody_lock = threading.Lock()
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        return await self._run(partial(self.hash_now, password))

    async def right(self, kept: str, password: str) -> bool:
        """`kept` is empty where there is no such account: it takes as long, and is wrong."""
        return await self._run(partial(self._verify, kept, password))

    def hash_now(self, password: str) -> str:
        """In this thread: for commands."""
        return self._hasher.hash(_plain(password))

    def is_old(self, kept: str) -> bool:
        """Hashed with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept or self._of_nobody(), _plain(password)) and bool(kept)
        except (Argon2Error, InvalidHashError):
            return False

    def _of_nobody(self) -> str:
        with self._nobody_lock:
            self._nobody = self._nobody or self._hasher.hash(os.urandom(16))
        return self._nobody

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= AT_ONCE + WAITING:
            raise ApiError(429, "log-in", "", "too many at once: try again in a few seconds", retry_after=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _plain(password: str) -> bytes:
    """One form of what looks the same, whatever keyboard wrote it."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace")


def _give_way() -> None:
    """These threads alone: calls are taken first where a core is short."""
    with suppress(OSError):  # a service may be denied it
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
