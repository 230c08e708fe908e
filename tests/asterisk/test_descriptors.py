"""No file descriptor is left: floods of idle connections on every door of the daemon, and real calls meanwhile."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

PERSON = "+14155552671"
FLOOD = 120
ROOM = 40  # descriptors beyond those the daemon has at rest


def descriptors(daemon: DaemonProcess) -> int:
    return len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))


def at_most(daemon: DaemonProcess, files: int) -> None:
    _, hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (files, hard))


def flood(stack: ExitStack, port: int) -> None:
    """Connections that say nothing."""
    for _ in range(FLOOD):
        with suppress(OSError):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 1))


async def call_reaches(lab: Lab, desk: Desk, caller: str) -> None:
    reached = len(desk.calls)
    async with await Caller.place(Dial(lab.ports.sip, caller=caller)) as call:
        assert await call.final() == 200
        await desk.reached(reached + 1)


def verdict_of(daemon: DaemonProcess, caller: str) -> list[tuple[str, str]]:
    return daemon.query(f"SELECT verdict, error FROM calls WHERE caller = '{caller}'")


async def test_a_flood_on_the_desk_takes_nothing_from_calls(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    """The bound holds: with descriptors for no more than it and some, calls are decided all the while."""
    daemon = DaemonProcess(lab, tmp_path)
    text = (tmp_path / "agi-screen.toml").read_text().replace("[web]", "[web]\nmax_connections = 20")
    (tmp_path / "agi-screen.toml").write_text(text)
    with daemon, ExitStack() as stack:
        port = int(daemon.web.rpartition(":")[2])
        at_most(daemon, descriptors(daemon) + ROOM)
        flood(stack, port)
        await call_reaches(lab, desk, PERSON)
        assert await until(lambda: verdict_of(daemon, PERSON)) == [("allow", "")]
        assert "max_connections = 20 are open; calls go on" in daemon.said
        assert daemon.status()["let_through"] == {}


async def test_no_descriptor_left(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    """Idle connections on AGI and on the commands' socket take all there are: the caller goes on at once, it is said,
    and the next but one is decided again, without anybody's doing."""
    with DaemonProcess(lab, tmp_path) as daemon:
        await until(lambda: "AMI up" in daemon.said)
        at_most(daemon, descriptors(daemon) + 5)
        with ExitStack() as stack:
            for _ in range(20):
                control = stack.enter_context(socket.socket(socket.AF_UNIX))
                control.settimeout(1)
                with suppress(OSError):
                    control.connect(str(tmp_path / "agi-screen-control.sock"))
            flood(stack, lab.options.agi_port)
            await call_reaches(lab, desk, PERSON)
            await until(lambda: "too many open files" in daemon.said)
        await until(lambda: descriptors(daemon) < 60)
        await call_reaches(lab, desk, "+14155552677")
        await until(lambda: verdict_of(daemon, "+14155552677") == [("allow", "")])
        assert daemon.status()["let_through"]["no_descriptor"] > 0
