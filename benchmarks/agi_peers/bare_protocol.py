"""The floor: a bare asyncio Protocol on uvloop that reads nothing of what it is sent but the ends of the messages."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

from benchmarks.agi_peers import COMMAND


class Bare(asyncio.Protocol):
    """Echo of one exchange."""

    __slots__ = ("asked", "buffer", "transport")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.buffer = b""
        self.asked = False

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.asked:
            if self.buffer.endswith(b"\n\n"):
                self.asked, self.buffer = True, b""
                self.transport.write(COMMAND)
        elif self.buffer.endswith(b"\n"):
            self.transport.close()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["uvloop"]:
        uvloop.run(serve())
    else:
        asyncio.run(serve())
