"""Servers under test, each in a process of its own on the server's core: the peers, and the real daemon whole."""

from __future__ import annotations

import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.machine import SERVER_CORE, cpu_seconds, memory_kib, on_core

ROOT = Path(__file__).resolve().parents[1]
IDLE_SECONDS = 0.3
CONFIG = """
[agi]
listen = "127.0.0.1:{port}"
max_sessions = 20000
[ami]
enabled = {ami}
port = {ami_port}
secret = "right"
[store]
path = "agi-screen.db"
backlog = 1000000
[captcha]
max_concurrent = 20000
step_time = "300s"
[numbers]
cache = 100000
[arrivals]
start = "100000000/1s"
floor = "100000000/1s"
[blocks]
thousand = 1e9
exchange = 1e9
area = 1e9
{more}
"""


class ServerError(RuntimeError):
    """A server did not come up."""


class Serving:
    """`with Serving(command) as server:` runs a program that prints its port (the daemon: `ready`) when it serves."""

    def __init__(self, command: list[str], core: int | None = SERVER_CORE, log: Path | None = None) -> None:
        self._command = on_core(core, command)
        self._log = log
        self.port = 0
        self.ready_seconds = 0.0

    def __enter__(self) -> Self:
        begun = time.monotonic()
        log = self._log.open("a") if self._log else subprocess.DEVNULL
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        if not isinstance(log, int):
            log.close()  # the server has it
        assert self._process.stdout is not None
        word = self._process.stdout.readline().strip()
        self.ready_seconds = time.monotonic() - begun
        if not word:
            raise ServerError(f"{self._command}: did not start")
        if word.isdecimal():
            self.port = int(word)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_seconds(self.pid)

    @property
    def memory_kib(self) -> int:
        return memory_kib(self.pid)

    def settle(self) -> None:
        """Returns when the server has nothing left to do: what it does behind its answers belongs to their price."""
        idle_since, before = time.monotonic(), self.cpu
        while time.monotonic() < idle_since + IDLE_SECONDS:
            time.sleep(0.02)
            if self.cpu > before + 0.01:
                idle_since, before = time.monotonic(), self.cpu


class Daemon(Serving):
    """The real `agi-screen serve`, log and records on, in a folder of its own.

    Its [arrivals] and [blocks] are those of a place where so many calls are an ordinary day: thousands a second would
    else be a siege, in which strangers are challenged, and it is the path of an `allow` that is measured.
    """

    def __init__(self, folder: Path, more: str = "", ami_port: int = 0, core: int | None = SERVER_CORE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        port = free_port()
        text = CONFIG.format(port=port, ami="true" if ami_port else "false", ami_port=ami_port or 5038, more=more)
        self.config = folder / "agi-screen.toml"
        self.config.write_text(text)
        command = [sys.executable, "-m", "agi_screen", "serve", "--config", str(self.config)]
        super().__init__(command, core, log=folder / "log")
        self._fixed = port

    def __enter__(self) -> Self:
        super().__enter__()
        self.port = self._fixed
        return self

    @property
    def database(self) -> Path:
        return self.folder / "agi-screen.db"

    @property
    def disk_mib(self) -> float:
        """All it keeps but the log."""
        return sum(file.stat().st_size for file in self.folder.glob("agi-screen*")) / 2**20

    def rows(self) -> int:
        """Calls on the disk."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM calls").fetchone()[0])


def free_port() -> int:
    """A loopback port nobody has just now, below those that the kernel gives to the load's own connections."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerError("no port from 20000 to 31999 is free")


def module(name: str, *words: str) -> list[str]:
    """The command of one of our own modules."""
    return [sys.executable, "-m", f"benchmarks.{name}", *words]
