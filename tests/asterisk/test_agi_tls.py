"""Asterisk on another machine: its AGI goes through a real stunnel to the daemon's TLS port, with the secret."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, free_port
from tests.asterisk.until import until
from tests.certificates import self_signed

SECRET = "0123456789abcdef"
WITH_SECRET = "18005550108"  # the dialled number whose dialplan brings it
AGI = """
[agi]
listen = "127.0.0.1:{plain}"
tls_listen = "127.0.0.1:{tls}"
tls_certificate = "certificate.pem"
tls_key = "key.pem"
tls_clients = "asterisk.pem"
secret = "{secret}"
"""
STUNNEL = """
foreground = yes
pid =
[agi-screen]
client = yes
accept = 127.0.0.1:{door}
connect = 127.0.0.1:{tls}
CAfile = {folder}/certificate.pem
verifyPeer = yes
cert = {folder}/asterisk.pem
key = {folder}/asterisk-key.pem
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as made:
        self_signed(Path(made))
        self_signed(Path(made), "asterisk", "asterisk-key")
        yield Path(made)


@pytest.fixture
def daemon(lab: Lab, folder: Path) -> Iterator[DaemonProcess]:
    """The lab's own port stays free: what reaches the daemon came through TLS."""
    made = DaemonProcess(lab, folder)
    text = (folder / "agi-screen.toml").read_text().partition("[ami]")[2]
    ports = {"plain": free_port(socket.SOCK_STREAM), "tls": free_port(socket.SOCK_STREAM)}
    (folder / "agi-screen.toml").write_text(AGI.format(**ports, secret=SECRET) + "[ami]" + text)
    (folder / "stunnel.conf").write_text(STUNNEL.format(door=lab.options.agi_port, tls=ports["tls"], folder=folder))
    with made:
        yield made


@pytest.fixture
def stunnel(lab: Lab, daemon: DaemonProcess) -> Iterator[None]:
    program = shutil.which("stunnel4") or shutil.which("stunnel")
    assert program, "stunnel is not installed: scripts/setup-env does it"
    line = [program, str(daemon.folder / "stunnel.conf")]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        yield
        running.terminate()


async def reached(lab: Lab, desk: Desk, did: str) -> None:
    before = len(desk.calls)
    async with await Caller.place(Dial(lab.ports.sip, caller="+14155552671", number=did)) as call:
        assert await call.final() == 200
        await desk.reached(before + 1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.usefixtures("stunnel")
class TestThroughStunnel:
    async def test_screened(self, lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
        await until(lambda: listens(lab.options.agi_port))
        await reached(lab, desk, WITH_SECRET)
        assert await until(lambda: daemon.query("SELECT caller, verdict FROM calls")) == [("+14155552671", "allow")]
        assert SECRET not in daemon.said

    async def test_without_the_secret_people_get_through_and_it_is_said(
        self, lab: Lab, desk: Desk, daemon: DaemonProcess
    ) -> None:
        await until(lambda: listens(lab.options.agi_port))
        await reached(lab, desk, "18005550100")
        assert daemon.query("SELECT caller FROM calls") == []
        await until(lambda: "UNSCREENED: is AGI_SCREEN_SECRET" in daemon.said)
