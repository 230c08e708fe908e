"""The real daemon as its own process beside a lab: started, frozen, killed and asked as an operator would."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.asterisk.lab import Lab

READY_SECONDS = 20.0
CONFIG = """
[agi]
listen = "127.0.0.1:{agi}"
[ami]
port = {ami}
[web]
listen = "127.0.0.1:0"
[callers]
short_talk = "{short_talk}"
[challenges]
{challenges}
[captcha]
key_time = "{key_time}"
sounds = "{sounds}"
{more}
"""
OTHER_CHALLENGES = ("sum_of_two", "one_of_three", "leave_out")


@dataclass(slots=True)
class DaemonProcess:
    """`with DaemonProcess(lab, folder) as daemon:` gives a daemon that has said `ready`."""

    lab: Lab
    folder: Path
    more: str = ""
    secret: str = ""
    key_time: str = "1500ms"
    sounds: Path | None = None  # where it looks for sounds: the lab's
    levels: str = "[]"  # at which challenges but the plain one are asked: most tests listen to no other; "": as shipped
    serve_words: tuple[str, ...] = ()
    short_talk: str = "0s"  # the tests' calls are over in no time, and most are people's
    log: Path = field(init=False)
    _process: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        self.log = self.folder / "daemon.log"
        self.write(self.more)

    def write(self, more: str) -> None:
        """The configuration: what the lab needs, and `more`."""
        text = CONFIG.format(
            agi=self.lab.options.agi_port,
            ami=self.lab.ports.ami,
            key_time=self.key_time,
            sounds=self.sounds or self.lab.dir / "data/sounds",
            more=more,
            short_talk=self.short_talk,
            challenges="\n".join(f"{name}.levels = {self.levels}" for name in OTHER_CHALLENGES if self.levels),
        )
        (self.folder / "agi-screen.toml").write_text(text)

    def __enter__(self) -> DaemonProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "agi_screen"]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "AGI_SCREEN_AMI_SECRET": self.secret or self.lab.ami_secret, "COLUMNS": "200"}

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text()

    @property
    def web(self) -> str:
        """Where its desk is, as its log says."""
        found: list[str] = re.findall(r"desk at (http\S+)", self.said)
        return found[-1]

    @property
    def memory_kib(self) -> int:
        """Resident memory of the process."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def start(self) -> None:
        """Returns when calls are taken."""
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*self.command, "serve", *self.serve_words, "--config", "agi-screen.toml"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line != "ready\n":
            self.kill()
            raise AssertionError(f"the daemon said {line!r}: {self.said}")

    def stop(self) -> None:
        """Ends it as systemd does; waits until it has drained."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def freeze(self) -> None:
        """The process stands still, its sockets stay open."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def run(self, *words: str) -> str:
        """One `agi-screen` command in the daemon's folder; what it printed."""
        line = [*self.command, *words, "--config", "agi-screen.toml"]
        done = subprocess.run(
            line, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("status", "--json"))
        return found

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Reads the database as another program would."""
        with sqlite3.connect(f"file:{self.folder / 'agi-screen.db'}?mode=ro", uri=True) as connection:
            rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        connection.close()
        return rows
