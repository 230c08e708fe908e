"""A run: start, wait a random while, kill -9, again; then what was promised is compared with what is there."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from agi_screen.base.call import STAMP
from agi_screen.commands.control import ask
from tests.asterisk.ami import Ami
from tests.asterisk.desk import Desk
from tests.asterisk.kills.calls import SITE, Calls, Told
from tests.asterisk.kills.changes import Memory, People
from tests.asterisk.kills.forker import Forked, Forker
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.rtp import pause

# Nobody is rejected or challenged for being one of fifty callers a second; tables are saved as often as can be.
CONFIG = """
[agi]
listen = "127.0.0.1:{agi}"
[ami]
port = {ami}
[web]
listen = "127.0.0.1:{web}"
[policy]
normal = {{ challenge = 900.0, reject = 1000.0 }}
elevated = {{ challenge = 900.0, reject = 1000.0 }}
siege = {{ challenge = 900.0, reject = 1000.0 }}
[limiter]
save_every = "1s"
[passes]
uses = 5
[captcha]
sounds = "{sounds}"
"""
FLUSH_SECONDS = 0.25  # [store] flush_time as shipped
STARTING_SECONDS, RUNNING_SECONDS, STOPPING_SECONDS = 0.5, 1.2, 0.15
Moment = Literal["starting", "running", "stopping"]
LOUD = (" CRITICAL ", "Traceback", "start from nothing", "learned anew", "is damaged")


@dataclass(slots=True)
class Result:
    """What was seen. `faults` is empty where every promise was kept."""

    told: Told
    memory: Memory
    kills: Counter[str] = field(default_factory=Counter)
    started: list[float] = field(default_factory=list)  # seconds from a start to `ready`
    killed_at: list[float] = field(default_factory=list)
    remembered: list[int] = field(default_factory=list)  # callers of whom the limiter knew at each `ready`
    lost: list[float] = field(default_factory=list)  # of each lost record: how long before the kill it was decided
    recorded: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Run:
    """One lab, one folder, many daemons, one after the other."""

    def __init__(self, lab: Lab, folder: Path, forker: Forker, calls: Calls, choice: random.Random, port: int) -> None:
        self.memory = Memory()
        self.result = Result(calls.told, self.memory, faults=self.memory.faults)
        self._lab, self._folder, self._forker, self._calls, self._choice = lab, folder, forker, calls, choice
        self._url = f"http://127.0.0.1:{port}"
        self._token = ""

    async def begin(self) -> None:
        """The first start makes the database, and a token for the API."""
        daemon = await self._ready()
        assert daemon is not None, (self._folder / "daemon.log").read_text()
        said = await self._forker.run("account", "token", "add", "people", "--role", "admin")
        self._token = said.strip()
        await self._end(daemon, signal.SIGTERM)
        await self._calls.start()

    async def kill(self, moment: Moment) -> None:
        """One start and one kill."""
        self.result.kills[moment] += 1
        if moment == "starting":
            daemon = self._forker.start("serve")
            await pause(self._choice.uniform(0, STARTING_SECONDS))
            await self._end(daemon, signal.SIGKILL)
            return
        started = await self._ready()
        if started is None:
            self.result.faults.append(f"kill {self._number}: the daemon did not start")
            return
        await self._look()
        people = People(self.memory, self._forker, self._url, self._token, self._choice)
        people.start()
        self._calls.ask()
        await pause(self._choice.uniform(0, RUNNING_SECONDS))
        if moment == "stopping":
            started.signal(signal.SIGTERM)
            await pause(self._choice.uniform(0, STOPPING_SECONDS))
        await self._end(started, signal.SIGKILL)
        await people.stop()

    @property
    def _number(self) -> int:
        return self.result.kills.total()

    async def _ready(self) -> Forked | None:
        begun = time.monotonic()
        daemon = self._forker.start("serve")
        if await asyncio.to_thread(daemon.out.readline) != b"ready\n":
            await self._end(daemon, signal.SIGKILL)
            return None
        self.result.started.append(time.monotonic() - begun)
        return daemon

    async def _end(self, daemon: Forked, by: signal.Signals) -> None:
        daemon.signal(by)
        self.result.killed_at.append(time.time())
        await daemon.ended()
        daemon.close()

    async def _look(self) -> None:
        """Is all there that was acknowledged, on the disk and in the judge's eyes?"""
        await asyncio.to_thread(self.memory.check, self._folder, f"kill {self._number}")
        status = await self._ask({"do": "status"})
        self.result.remembered.append(status["callers_remembered"])
        for number, on in list(self.memory.entries.items())[-1:]:
            said = (await self._ask({"do": "explain", "number": number}))["explanation"]
            if (said["verdict"] == "reject") is not on:
                self.result.faults.append(f"kill {self._number}: {number} gets {said['verdict']}, on the list: {on}")

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.to_thread(ask, self._folder / "agi-screen-control.sock", request)

    async def finish(self) -> Result:
        """The last start; the end of all calls; what is in the database after all that."""
        daemon = await self._ready()
        assert daemon is not None, (self._folder / "daemon.log").read_text()
        await self._look()
        await self._calls.stop()
        channels = self._lab.cli("core show channels count")
        if "0 active channels" not in channels:
            self.result.faults.append(f"channels are left: {channels}")
        await self._end(daemon, signal.SIGTERM)
        self._judge_calls()
        self._judge_disk()
        return self.result

    def _judge_calls(self) -> None:
        told = self.result.told
        if told.answered != told.placed or told.open:
            others = f"{told.refused} refused, {told.open} open"
            self.result.faults.append(f"of {told.placed} callers {told.answered} reached an operator; {others}")
        if told.asked_reached != told.asked:
            self.result.faults.append(f"{told.asked} were asked at a kill, {told.asked_reached} reached an operator")

    def _judge_disk(self) -> None:
        with closing(sqlite3.connect(self._folder / "agi-screen.db")) as database:
            found = {row[0] for row in database.execute("SELECT id FROM calls")}
            check = database.execute("PRAGMA integrity_check").fetchone()[0]
        self.result.recorded = len(found)
        lost = sorted(int(one[:STAMP], 16) / 1000 for one in self.result.told.verdicts if one not in found)
        self.result.lost = [min(at for at in self.result.killed_at if at >= decided) - decided for decided in lost]
        if check != "ok":
            self.result.faults.append(f"integrity_check: {check}")
        self.result.faults += [f"set aside: {path.name}" for path in self._folder.glob("*.damaged-*")]
        log = (self._folder / "daemon.log").read_text(errors="replace").splitlines()
        self.result.faults += [f"log: {line}" for line in log if any(word in line for word in LOUD)]


async def run(
    kills: int,
    folder: Path,
    *,
    seed: int,
    rate: int = 50,
    chunk_seconds: float = 20.0,
    go_on: Callable[[Result], bool] = lambda _: True,
) -> Result:
    """So many kills, or fewer where `go_on` says no; of ten, one comes while the daemon starts, one while it stops."""
    choice = random.Random(seed)
    web = free_port(socket.SOCK_STREAM)
    options = LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=SITE, rtp_ports=8000)
    with Lab(options) as lab, Forker(folder, {**os.environ, "AGI_SCREEN_AMI_SECRET": lab.ami_secret}) as forker:
        text = CONFIG.format(agi=options.agi_port, ami=lab.ports.ami, web=web, sounds=lab.dir / "data/sounds")
        (folder / "agi-screen.toml").write_text(text)
        harness = await Ami.login(lab.ports.ami, "harness", lab.harness_secret)
        async with harness as ami, await Desk.open(lab.ports.operator, operators=10_000) as desk:
            begun = time.monotonic()
            going = Run(lab, folder, forker, Calls(lab, desk, ami, rate, chunk_seconds), choice, web)
            await going.begin()
            for moment in choice.sample(_moments(kills), kills):
                await going.kill(moment)
                if not go_on(going.result):
                    break
            result = await going.finish()
            result.seconds = time.monotonic() - begun
            return result


def _moments(kills: int) -> list[Moment]:
    edge = max(1, kills // 10)
    numbers: tuple[tuple[Moment, int], ...] = (("starting", edge), ("stopping", edge), ("running", kills - 2 * edge))
    return [moment for moment, number in numbers for _ in range(number)]
