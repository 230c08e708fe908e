"""The daemon with its desk open to everybody, for `benchmarks.desk`: prints the desk's port when both serve."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvloop
from aiohttp import web

from agi_screen.base.clock import SystemClock
from agi_screen.base.log import to_stderr
from agi_screen.commands.serve import _let_garbage_wait
from agi_screen.daemon import Daemon
from agi_screen.health import Health
from agi_screen.office import DaemonOffice
from agi_screen.operate import Operator
from agi_screen.settings import load
from agi_screen.web.api import all_routes
from agi_screen.web.route import Role, Who
from agi_screen.web.server import WebServer, build_app


class OpenGate:
    """Everybody is an admin: who may look is measured elsewhere."""

    async def who(self, _: web.Request) -> Who | None:
        return Who("bench", Role.ADMIN)


async def serve(config: Path) -> None:
    clock = SystemClock()
    daemon = Daemon(load(config), clock)
    office = DaemonOffice(daemon, Operator(daemon, clock), Health(daemon, clock), clock)
    server = WebServer(build_app(office, OpenGate(), all_routes()))
    await daemon.start()
    _let_garbage_wait()
    print(await server.start("127.0.0.1", 0), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    to_stderr("INFO")
    uvloop.run(serve(Path(sys.argv[1])))
