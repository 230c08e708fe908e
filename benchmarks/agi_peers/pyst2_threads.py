"""pyst2's AGI on a thread a session: its own `fastagi` module is Python 2 and does not import."""

from __future__ import annotations

import io
import signal
import socketserver
from typing import Any

from asterisk.agi import AGI

from benchmarks.agi_peers import COMMAND


class Quiet(io.TextIOBase):
    """Where its debugging goes."""

    def write(self, text: str, /) -> int:
        return len(text)


class Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        reader = io.TextIOWrapper(self.rfile, encoding="utf-8")  # type: ignore[type-var]
        writer = io.TextIOWrapper(self.connection.makefile("wb"), encoding="utf-8")
        agi: Any = AGI(reader, writer, Quiet())
        agi.execute(COMMAND.decode().strip())


class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 4096
    daemon_threads = True


def no_signal(*_: object) -> None:
    """AGI() installs a SIGHUP handler, which no thread but the main one may."""


if __name__ == "__main__":
    signal.signal = no_signal  # type: ignore[assignment]
    with Server(("127.0.0.1", 0), Session) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
