"""The same exchange on asyncio's streams."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from benchmarks.agi_peers import COMMAND


async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\n\n")
    writer.write(COMMAND)
    await reader.readline()
    writer.close()


async def serve() -> None:
    server = await asyncio.start_server(session, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["uvloop"]:
        uvloop.run(serve())
    else:
        asyncio.run(serve())
