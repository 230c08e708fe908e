"""Sets the stage: Asterisk with the shipped files, the daemon beside it, operators, an ear on AMI. Clears it too."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from scripts.demo_.cast import DENIED
from tests.asterisk.ami import Ami
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.person import Ear
from tests.asterisk.until import until

TALK_SECONDS = 4.0
RECORD_SECONDS = 3.0
# As shipped, a few who fail get an operator all the same, and keys pressed on a busy machine look human enough.
FAILED_GO = 'on_failure = ["divert"]'


@dataclass(frozen=True, slots=True)
class Stage:
    """All that runs."""

    lab: Lab
    daemon: DaemonProcess
    desk: Desk
    ami: Ami
    ear: Ear

    async def recorded(self, expected: int) -> int:
        """Calls in the database, which is written a moment behind the calls."""
        with contextlib.suppress(AssertionError):
            await until(lambda: self._count() == expected, RECORD_SECONDS)
        return self._count()

    def _count(self) -> int:
        return int(self.daemon.query("SELECT count(*) FROM calls")[0][0])


@contextlib.asynccontextmanager
async def stage(operators: int, console: Console) -> AsyncIterator[Stage]:
    """Starts everything, and ends it whatever happens meanwhile."""
    with tempfile.TemporaryDirectory(prefix="agi-screen-demo-") as folder:
        lab = Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM)))
        with lab, DaemonProcess(lab, Path(folder), FAILED_GO) as daemon:
            said = f"{lab.install.version} booted in {lab.boot_seconds:.2f} s, SIP at 127.0.0.1:{lab.ports.sip}"
            console.print(said, soft_wrap=True)
            said = f"agi-screen takes calls at 127.0.0.1:{lab.options.agi_port}, files in {folder}"
            console.print(said, soft_wrap=True)
            await until(lambda: daemon.status()["ami"] == "up")
            daemon.run("list", "add", "deny", DENIED.number, "--reason", "called a thousand times yesterday")
            async with (
                await Ami.login(lab.ports.ami, "harness", lab.harness_secret) as ami,
                await Desk.open(lab.ports.operator, TALK_SECONDS, operators) as desk,
            ):
                yield Stage(lab, daemon, desk, ami, Ear(ami))
