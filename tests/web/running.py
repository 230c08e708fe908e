"""A daemon in this process with its desk and its health, and a caller over real AGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agi_screen.base.clock import SystemClock
from agi_screen.daemon import Daemon
from agi_screen.desk import Desk
from agi_screen.health import Health
from agi_screen.operate import Operator
from agi_screen.settings import load

CONFIG = "[agi]\nlisten = '127.0.0.1:0'\n[web]\nlisten = '127.0.0.1:0'\n"
NO_AMI = "[ami]\nenabled = false\n"


@dataclass
class Running:
    """`told` is what the webhook was given."""

    daemon: Daemon
    health: Health
    desk: Desk
    told: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.desk.state

    async def call(self, number: str, *, name: str = "", route: str = "screen", uniqueid: str = "1.1") -> str:
        """One call; what the daemon answered, acknowledged command by command."""
        reader, writer = await asyncio.open_connection(self.daemon.agi.address.host, self.daemon.agi.address.port)
        name = name.partition("\n")[0]
        said = {
            "network": "yes",
            "network_script": route,
            "request": f"agi://x/{route}",
            "channel": "PJSIP/a-1",
            "uniqueid": uniqueid,
            "callerid": number,
        }
        said |= {"calleridname": name, "extension": "18005551234"}
        lines = [f"agi_{key}: {value}\n" for key, value in said.items()]
        writer.write("".join([*lines, "\n"]).encode())
        heard = b""
        while line := await reader.readline():
            heard += line
            writer.write(b"200 result=1\n")
        writer.close()
        await writer.wait_closed()
        return heard.decode()


@asynccontextmanager
async def running(folder: Path, more: str = NO_AMI) -> AsyncIterator[Running]:
    path = folder / "agi-screen.toml"
    path.write_text(CONFIG + more)
    clock = SystemClock()
    daemon = Daemon(load(path), clock)
    told: list[Mapping[str, Any]] = []
    health = Health(daemon, clock, told.append)
    desk = Desk(daemon, Operator(daemon, clock), health, clock)
    await daemon.start()
    await desk.start()
    try:
        yield Running(daemon, health, desk, told)
    finally:
        if not daemon.stopping:
            await daemon.stop()
        await desk.stop()
