"""Real Redis servers and Sentinels for tests: on free ports, in a folder of the test, never the machine's own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from tests.asterisk.until import until

# Debian's redis-tools have the whole program under another name, and start no service of the machine's own.
PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server") or shutil.which("redis-check-rdb")


def free_port() -> int:
    """A port nobody listens on now, and none of a Redis Cluster's bus (ten thousand above) out of range."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 55_000:
            return port


class Server:
    """`with Server(folder) as server:` is one that answers. The same port and data after a restart."""

    def __init__(self, folder: Path, *options: str, host: str = "127.0.0.1") -> None:
        self.host, self._bind = host.partition(" ")[0], host.split()
        self.port, self.password = free_port(), ""
        self.folder = folder / f"redis-{self.port}"
        self.folder.mkdir()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"

    @property
    def said(self) -> str:
        return (self.folder / "log").read_text()

    def client(self) -> Redis:
        return Redis(host=self.host, port=self.port, password=self.password or None, socket_timeout=5, protocol=2)

    def start(self) -> None:
        assert PROGRAM, "redis-server is missing: run scripts/setup-env"
        with (self.folder / "log").open("ab") as log:
            line = ["redis-server", *self._arguments()]
            self._process = subprocess.Popen(
                line, executable=PROGRAM, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def _arguments(self) -> Sequence[str]:
        common = ["--port", str(self.port), "--bind", *self._bind, "--save", "", "--appendonly", "no"]
        return [*common, "--protected-mode", "no", *self._options]

    def info(self, section: str) -> dict[str, Any]:
        with self.client() as client:
            found: dict[str, Any] = client.info(section)
            return found

    async def answers(self) -> None:
        await until(self._pongs)

    def _pongs(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except (RedisConnectionError, RedisError):
            assert self._process is not None
            assert self._process.poll() is None, self.said
            return False

    def freeze(self) -> None:
        """Stands still; its sockets stay open."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9."""
        self._send(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        if self._process is not None:
            self._send(signal.SIGCONT)
            self._send(signal.SIGTERM)
            self._wait()

    def _send(self, number: int) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            os.kill(self._process.pid, number)

    def _wait(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process = None


class SentinelServer(Server):
    """Watches one master, and makes a replica the master when it is gone for a second."""

    def __init__(self, folder: Path, master: Server, quorum: int = 1) -> None:
        super().__init__(folder)
        watched = f"monitor mymaster {master.host} {master.port} {quorum}"
        times = ("down-after-milliseconds mymaster 1000", "failover-timeout mymaster 3000")
        lines = [f"port {self.port}", f"bind {self.host}", "protected-mode no"]
        lines += [f"sentinel {line}" for line in (watched, *times)]
        (self.folder / "sentinel.conf").write_text("\n".join(lines) + "\n")

    def knows_a_replica(self) -> bool:
        """Without it there is nobody to take over."""
        with self.client() as client:
            return bool(client.sentinel_slaves("mymaster"))

    def _arguments(self) -> Sequence[str]:
        return ["sentinel.conf", "--sentinel"]
