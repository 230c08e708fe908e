"""panoramisk's FastAGI server, as its documentation sets it up."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from panoramisk import fast_agi

from benchmarks.agi_peers import COMMAND


async def screen(request: fast_agi.Request) -> None:
    await request.send_command(COMMAND.decode().strip())


async def serve() -> None:
    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application.add_route("screen", screen)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["uvloop"]:
        uvloop.run(serve())
    else:
        asyncio.run(serve())
