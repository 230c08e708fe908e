"""Starts `agi-screen` commands as forks of a process that has imported it already.

A start is then a new process with everything of its own but the two seconds of imports: a thousand kills in minutes.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

COMMANDS = ("serve", "list", "account")
MAX_ORDER = 65_536


@dataclass(slots=True)
class Forked:
    """A running command. `out` is its standard output."""

    pid: int
    out: BinaryIO
    handle: int

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)

    async def ended(self, seconds: float = 30.0) -> None:
        """Waits until the process is gone, its ports with it."""
        gone, _, _ = await asyncio.to_thread(select.select, [self.handle], [], [], seconds)
        assert gone, f"process {self.pid} did not end in {seconds} s"

    def close(self) -> None:
        self.out.close()
        os.close(self.handle)


@dataclass(slots=True)
class Forker:
    """`with Forker(folder, environment) as forker:`; commands run in that folder, and log into `daemon.log` there."""

    folder: Path
    environment: dict[str, str]
    _socket: socket.socket = field(init=False)
    _process: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> Forker:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.asterisk.kills.forker", str(theirs.fileno())],
                env=self.environment,
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).resolve().parents[3],
            )
        assert self._socket.recv(100) == b"imported"
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.close()
        self._process.wait(30)

    def start(self, *words: str) -> Forked:
        """One command with the folder's configuration."""
        read, write = os.pipe()
        order = {"words": [*words, "--config", "agi-screen.toml"], "folder": str(self.folder)}
        with (self.folder / "daemon.log").open("ab") as log:
            socket.send_fds(self._socket, [json.dumps(order).encode()], [write, log.fileno()])
        os.close(write)
        pid = int(self._socket.recv(100))
        return Forked(pid, os.fdopen(read, "rb"), os.pidfd_open(pid))

    async def run(self, *words: str) -> str:
        """What the command printed, once it has ended."""
        command = self.start(*words)
        try:
            return (await asyncio.to_thread(command.out.read)).decode()
        finally:
            await command.ended()
            command.close()


def main(descriptor: int) -> None:
    """Forks once for each order, until nobody can give any more."""
    orders = socket.socket(fileno=descriptor)
    for name in COMMANDS:
        importlib.import_module("agi_screen.__main__").app([name])
    orders.send(b"imported")
    while True:
        text, descriptors, _, _ = socket.recv_fds(orders, MAX_ORDER, 2)
        if not text:
            return
        pid = os.fork()
        if pid == 0:
            orders.close()
            _become(json.loads(text), *descriptors)
        for one in descriptors:
            os.close(one)
        orders.send(str(pid).encode())
        _bury()


def _bury() -> None:
    """Those who ended before: their handles tell it to others, nobody needs how."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(order: dict[str, str], out: int, log: int) -> None:
    """The rest of this process is the command."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(log, 2)
    os.closerange(3, max(out, log) + 1)
    os.chdir(order["folder"])
    code = 70
    try:
        importlib.import_module("agi_screen.__main__").app(order["words"])(order["words"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except Exception:  # noqa: BLE001  boundary: whatever it is, this process must not go on as the forker
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
