"""What befalls the daemon of the soak all the while: reloads, imports, AMI coming and going, a locked database,
connections that say nothing on every door."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving import ROOT, Daemon
from benchmarks.soak_clients import gone
from tests.fakes.fake_ami import FakeAmi, event

CONTROL = "agi-screen-control.sock"
LOCK_SECONDS = 1.5
IDLE_SECONDS = 4.0
IDLE_CONNECTIONS = 50
IMPORTED = 5_000
GARBAGE = (b"Event: Hang\xff\xfeup\r\n\r\n", b"\r\n\r\n\r\n", b"Response: Success\r\n\r\n", b"x" * 70_000)
SIEGE_SECONDS = 2.0


@dataclass(slots=True)
class Faults:
    """`one()` is a fault chosen by chance, to its end."""

    daemon: Daemon
    desk_port: int
    ami: FakeAmi
    imports: bool = True  # each a process of its own
    seed: int = 2
    done: Counter[str] = field(default_factory=Counter)
    _random: random.Random = field(init=False)
    _writing: asyncio.Lock = field(
        default_factory=asyncio.Lock
    )  # two who change the file would keep each other's state

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def one(self) -> None:
        name, act = self._random.choice(list(self.kinds().items()))
        with suppress(OSError, sqlite3.OperationalError):
            await act()
            self.done[name] += 1

    def kinds(self) -> dict[str, Callable[[], Awaitable[None]]]:
        kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "reload by SIGHUP": self._hangup_signal,
            "siege by the configuration": self._siege,
            "bad configuration": self._bad_file,
            "lists reloaded": self._lists,
            "AMI gone and back": self._ami_gone,
            "AMI silent": self._ami_silent,
            "AMI garbage": self._ami_garbage,
            "hang-ups told": self._ends,
            "database locked": self._locked,
            "idle connections": self._idle,
            "garbage on the desk": self._desk,
            "half a command": self._half_command,
        }
        return kinds | ({"list imported": self._imported} if self.imports else {})

    async def _hangup_signal(self) -> None:
        os.kill(self.daemon.pid, signal.SIGHUP)

    async def _siege(self) -> None:
        """For a while strangers are asked to press digits: each call is a dozen commands."""
        async with self._writing:
            text = self.daemon.config.read_text()
            self.daemon.config.write_text(text.replace('level = "normal"', 'level = "siege"'))
            await asyncio.sleep(SIEGE_SECONDS)
            self.daemon.config.write_text(text)

    async def _bad_file(self) -> None:
        async with self._writing:
            text = self.daemon.config.read_text()
            self.daemon.config.write_text("[agi\n")
            await self._ask("reload")
            self.daemon.config.write_text(text)

    async def _lists(self) -> None:
        await self._ask("lists")

    async def _ask(self, what: str) -> None:
        reader, writer = await asyncio.open_unix_connection(str(self.daemon.folder / CONTROL))
        try:
            writer.write(json.dumps({"do": what}).encode() + b"\n")
            await reader.readline()
        finally:
            gone(writer)

    async def _imported(self) -> None:
        file = self.daemon.folder / "list.csv"
        first = self._random.randrange(2_000_000, 9_000_000)
        file.write_text("".join(f"+1218{first + n}\n" for n in range(IMPORTED)))
        words = ("list", "import", str(file), "--list", "deny", "--source", "soak", "--replace")
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agi_screen", *words, "--config", str(self.daemon.config)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=ROOT,
        )
        if await done.wait():
            raise OSError("the import failed")

    async def _ami_gone(self) -> None:
        await self.ami.close()
        await asyncio.sleep(self._random.uniform(0, 2))
        await self.ami.open()

    async def _ami_silent(self) -> None:
        self.ami.silent = True
        await asyncio.sleep(self._random.uniform(0, 8))
        self.ami.silent = False

    async def _ami_garbage(self) -> None:
        for _ in range(20):
            await self.ami.send(self._random.choice(GARBAGE) + os.urandom(64))
        await self.ami.send(b"\r\n\r\n")

    async def _ends(self) -> None:
        """Hang-ups of calls that may have been; most are of none."""
        first = self._random.randrange(2_000_000)
        for n in range(first, first + 500):
            await self.ami.send(event("Hangup", Uniqueid=f"1700000000.{n}", Cause="16"))

    async def _locked(self) -> None:
        with closing(sqlite3.connect(self.daemon.database, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(LOCK_SECONDS)
            other.execute("ROLLBACK")

    async def _idle(self) -> None:
        """Connections that say nothing, on all doors; those of the AGI port are thrown out meanwhile."""
        held: list[asyncio.StreamWriter] = []
        try:
            for port in (self.daemon.port, self.desk_port):
                for _ in range(IDLE_CONNECTIONS):
                    held.append((await asyncio.open_connection("127.0.0.1", port))[1])
            held.append((await asyncio.open_unix_connection(str(self.daemon.folder / CONTROL)))[1])
            await asyncio.sleep(IDLE_SECONDS)
        finally:
            for writer in held:
                gone(writer)

    async def _desk(self) -> None:
        for text in (b"\x16\x03\x01garbage\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000, b"GET /"):
            _, writer = await asyncio.open_connection("127.0.0.1", self.desk_port)
            try:
                writer.write(text)
                await writer.drain()
            finally:
                writer.close()

    async def _half_command(self) -> None:
        _, writer = await asyncio.open_unix_connection(str(self.daemon.folder / CONTROL))
        try:
            writer.write(b'{"do": "st')
            await writer.drain()
        finally:
            writer.close()


def lines_of(log: Path, words: str) -> int:
    """How many lines of the daemon's log have these words."""
    with log.open(errors="replace") as lines:
        return sum(words in line for line in lines)
