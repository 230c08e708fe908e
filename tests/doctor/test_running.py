"""What the doctor says of the daemon at work: a real one, none, another program on its port, an AMI that refuses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agi_screen.base.clock import SystemClock
from agi_screen.daemon import Daemon
from agi_screen.doctor.checks.machine import machine
from agi_screen.doctor.checks.running import running
from agi_screen.doctor.checks.store import store
from agi_screen.doctor.doctor import Check
from agi_screen.doctor.finding import Finding, Mark
from agi_screen.doctor.patient import Patient
from agi_screen.inbound.control import ControlServer
from agi_screen.operate import Operator
from tests.doctor.conftest import House


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def at_work(patient: Patient) -> AsyncIterator[Daemon]:
    """The whole daemon in this loop, with its control socket."""
    daemon = Daemon(patient.settings, SystemClock())
    server = ControlServer(Operator(daemon, SystemClock()).handlers)
    await daemon.start()
    await server.start(patient.settings.control_socket)
    yield daemon
    await server.stop()
    await daemon.stop()


async def looked_at(check: Check, patient: Patient) -> list[Finding]:
    """In a thread, as the doctor does."""
    return await asyncio.to_thread(lambda: list(check(patient)))


async def test_a_daemon_at_work_and_asking_it_changes_nothing(house: House) -> None:
    patient = house.patient(agi=free_port(), ami=0)
    async with at_work(patient) as daemon:
        found = await looked_at(running, patient)
        assert [(finding.mark, finding.what) for finding in found] == [(Mark.OK, "daemon"), (Mark.OK, "FastAGI")]
        assert daemon.trail.counts == daemon.agi.counts == {}
        assert daemon.agi.open_sessions == 0
        assert [finding.mark for finding in await looked_at(machine, patient)] == [Mark.OK]
        assert [finding.mark for finding in await looked_at(store, patient)] == [Mark.OK] * 2


async def test_monitor_mode_and_calls_let_through_are_said(house: House) -> None:
    house.top = 'mode = "monitor"'
    patient = house.patient(agi=free_port(), ami=0)
    async with at_work(patient) as daemon:
        daemon.agi.counts["busy"] = 3
        monitor, let_through = [f for f in await looked_at(running, patient) if f.mark is Mark.WARNING]
    assert "every caller gets through" in monitor.detail
    assert "busy 3" in let_through.detail


async def test_no_daemon(house: House) -> None:
    daemon, agi = await looked_at(running, house.patient(agi=free_port(), ami=0))
    assert daemon.mark is agi.mark is Mark.ERROR
    assert "not running" in daemon.detail
    assert "systemctl start" in agi.mend


async def test_another_program_on_our_port(house: House) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read(100)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        _, agi = await looked_at(running, house.patient(agi=port, ami=0))
    assert agi.mark is Mark.ERROR
    assert "is not agi-screen" in agi.detail


async def test_nobody_at_the_ami_port(house: House) -> None:
    ami = (await looked_at(running, house.patient(agi=free_port(), ami=free_port())))[-1]
    assert (ami.what, ami.mark) == ("AMI", Mark.ERROR)
    assert "refused" in ami.detail


async def test_no_database_yet_and_no_folder(house: House) -> None:
    disk, missing = await looked_at(store, house.patient())
    assert (disk.mark, missing.mark) == (Mark.OK, Mark.WARNING)
    house.top = '[store]\npath = "gone/agi-screen.db"'
    (gone,) = await looked_at(store, house.patient())
    assert gone.mark is Mark.ERROR


async def test_a_damaged_database(house: House) -> None:
    (house.folder / "agi-screen.db").write_bytes(b"SQLite format 3\x00" + b"damage" * 1000)
    found = await looked_at(store, house.patient())
    assert found[-1].mark is Mark.ERROR
    assert "agi-screen.db" in found[-1].detail


async def test_too_few_descriptors_for_the_sessions(house: House) -> None:
    house.agi = "max_sessions = 2000000000"
    (found,) = await looked_at(machine, house.patient())
    assert found.mark is Mark.WARNING
    assert "LimitNOFILE" in found.mend
