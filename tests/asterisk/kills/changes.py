"""People's changes while the daemon is killed: each one that was acknowledged is remembered, and looked for."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import tomllib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.asterisk.kills.forker import Forker

LOST = (aiohttp.ClientError, OSError, TimeoutError)
LEVELS = ("normal", "elevated", "siege")


class RefusedError(RuntimeError):
    """A change that was answered, and not by its being done."""


@dataclass(slots=True)
class Memory:
    """What must be there, and what may be either way: it was under way when the daemon died."""

    entries: dict[str, bool] = field(default_factory=dict)  # number on the deny list: on it, or taken off
    entry_doubts: set[str] = field(default_factory=set)
    uses: int = 5  # the setting [passes] uses
    uses_told: int = 0  # the last one acknowledged: the history must know it
    uses_doubts: set[int] = field(default_factory=set)
    level: str = ""  # the reason of the last order
    level_doubts: set[str] = field(default_factory=set)
    acknowledged: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def check(self, folder: Path, when: str) -> None:
        """Compares with what the disk says, and settles the doubts by it."""
        with closing(sqlite3.connect(f"file:{folder / 'agi-screen.db'}?mode=ro", uri=True, timeout=30)) as database:
            there = {row[0] for row in database.execute("SELECT value FROM list_entries WHERE list = 'deny'")}
            kept = database.execute("SELECT value FROM settings WHERE name = 'level'").fetchone()
            told = database.execute("SELECT value FROM settings_history WHERE name = 'settings file'").fetchall()
        self._entries(there, when)
        self._level(json.loads(kept[0])["why"] if kept else "", when)
        self._uses((folder / "agi-screen.toml").read_text(), told, when)

    def _entries(self, there: set[str], when: str) -> None:
        wrong = {n for n in self.entries.keys() | there if self.entries.get(n, False) is not (n in there)}
        for number in sorted(wrong - self.entry_doubts):
            self.faults.append(f"{when}: {number} {'came back to' if number in there else 'is not on'} the deny list")
        self.entries.update((n, n in there) for n in wrong | self.entry_doubts)
        self.entry_doubts.clear()

    def _level(self, kept: str, when: str) -> None:
        if kept not in {self.level} | self.level_doubts:
            self.faults.append(f"{when}: the level's order is {kept!r}, acknowledged was {self.level!r}")
        self.level = kept
        self.level_doubts.clear()

    def _uses(self, text: str, told: list[tuple[str]], when: str) -> None:
        found = int(tomllib.loads(text)["passes"]["uses"])
        if found not in {self.uses} | self.uses_doubts:
            self.faults.append(f"{when}: [passes] uses is {found}, acknowledged was {self.uses}")
        if self.uses_told and not any(f"uses = {self.uses_told}\n" in json.loads(one[0])["after"] for one in told):
            self.faults.append(f"{when}: the history does not know of [passes] uses = {self.uses_told}")
        self.uses = found
        self.uses_doubts.clear()


class People:
    """Change things one after the other, each by its own way, while a daemon runs."""

    def __init__(self, memory: Memory, forker: Forker, url: str, token: str, choice: random.Random) -> None:
        self.memory = memory
        self._forker = forker
        self._url = f"{url}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._choice = choice
        self._over = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        works = (self._lists_by_api, self._lists_by_command, self._settings, self._level)
        self._tasks = [asyncio.create_task(self._keep(work)) for work in works]

    async def stop(self) -> None:
        """After the daemon's end: what is under way ends, and may be in doubt."""
        self._over = True
        for task in self._tasks:
            await task

    async def _keep(self, work: Any) -> None:
        async with aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(20)) as session:
            while not self._over:
                try:
                    await work(session)
                except LOST:  # the daemon died
                    return
                except RefusedError as error:
                    self.memory.refusals.append(str(error)[:300])
                    return

    def _wanted(self) -> tuple[str, bool]:
        """A number to put on the list; one time in three, one of it to take off."""
        on = [
            number for number, there in self.memory.entries.items() if there and number not in self.memory.entry_doubts
        ]
        if len(on) > 20 and self._choice.random() < 1 / 3:
            return self._choice.choice(on), False
        return f"+1651{self._choice.randrange(2000000, 9999999)}", True

    async def _lists_by_api(self, session: aiohttp.ClientSession) -> None:
        number, on = self._wanted()
        self.memory.entry_doubts.add(number)
        if on:
            done = session.post(f"{self._url}/lists", json={"list": "deny", "number": number, "reason": "kill"})
        else:
            done = session.delete(f"{self._url}/lists/deny/{number}")
        await self._answer(done)
        self._listed(number, on, "list entry by API")

    async def _lists_by_command(self, _: aiohttp.ClientSession) -> None:
        number, on = self._wanted()
        self.memory.entry_doubts.add(number)
        said = await self._forker.run("list", "add" if on else "remove", "deny", number, "--json")
        if not said or number not in json.loads(said)["added" if on else "removed"]:
            raise RefusedError(said)
        self._listed(number, on, "list entry by command")

    def _listed(self, number: str, on: bool, how: str) -> None:
        self.memory.entries[number] = on
        self.memory.entry_doubts.discard(number)
        self.memory.acknowledged[how] += 1

    async def _settings(self, session: aiohttp.ClientSession) -> None:
        base = (await self._answer(session.get(f"{self._url}/settings")))["base"]
        uses = self._choice.randrange(1, 1_000_000)
        self.memory.uses_doubts.add(uses)
        change = {"changes": {"passes.uses": uses}, "base": base}
        await self._answer(session.put(f"{self._url}/settings", json=change))
        self.memory.uses = self.memory.uses_told = uses
        self.memory.uses_doubts.clear()
        self.memory.acknowledged["setting"] += 1

    async def _level(self, session: aiohttp.ClientSession) -> None:
        why = f"order {self._choice.randrange(10**9)}"
        self.memory.level_doubts.add(why)
        order = {"level": self._choice.choice(LEVELS), "reason": why}
        said = await self._answer(session.post(f"{self._url}/level", json=order))
        if said["not_kept"]:
            raise RefusedError(said["not_kept"])
        self.memory.level = why
        self.memory.level_doubts.clear()
        self.memory.acknowledged["level"] += 1

    async def _answer(self, request: Any) -> dict[str, Any]:
        async with request as response:
            said: dict[str, Any] = await response.json()
            if response.status not in (200, 201):
                raise RefusedError(said)
            return said
