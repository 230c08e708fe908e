"""What the doctor tries: a call that leaves no mark, a write, the ports, the clock, whose the files are."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agi_screen.doctor.asterisk_seen import Seen
from agi_screen.doctor.checks import prompts_version as prompts_module
from agi_screen.doctor.checks.ami_tried import ami_tried
from agi_screen.doctor.checks.clock import apart, clock, kernel_synchronised
from agi_screen.doctor.checks.decision import decision
from agi_screen.doctor.checks.disk import disk, written
from agi_screen.doctor.checks.ports import ports
from agi_screen.doctor.checks.prompts_version import prompts_version
from agi_screen.doctor.checks.rights import Who, may_read, rights
from agi_screen.doctor.checks.running import running
from agi_screen.doctor.finding import Finding, Mark
from agi_screen.doctor.listening import listeners
from agi_screen.doctor.patient import Patient
from tests.doctor.conftest import SHIPPED, House, as_nobody
from tests.doctor.test_running import at_work, free_port, looked_at

OK, WARNING, ERROR = Mark


async def test_a_call_through_the_daemon_leaves_no_mark(house: House) -> None:
    patient = house.patient(agi=free_port(), ami=0)
    async with at_work(patient) as daemon:
        for _ in range(20):  # far beyond [signals.caller_rate] limit: were they counted, it would speak
            (found,) = await looked_at(decision, patient)
            assert found.mark is OK
            assert "would get allow, score 0.00" in found.detail
        assert daemon.judge.meters.in_use == 0
        assert daemon.trail.counts == daemon.agi.counts == {}
    with closing(sqlite3.connect(house.folder / "agi-screen.db")) as database:  # all was written at the daemon's end
        for table in ("calls", "callers", "passes"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


async def test_a_call_brings_the_secret(house: House) -> None:
    house.agi = 'secret = "0123456789abcdef"'
    patient = house.patient(agi=free_port(), ami=0)
    async with at_work(patient) as daemon:
        (found,) = await looked_at(decision, patient)
        assert found.mark is Mark.OK
        assert [finding.mark for finding in await looked_at(running, patient)] == [Mark.OK] * 2
        assert daemon.agi.counts["unauthorised"] == 0


async def test_a_daemon_without_the_route(house: House) -> None:
    async def older(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        writer.write(b'EXEC MSet "SCREEN_VERDICT=allow,SCREEN_ERROR=unknown_route"\n')
        await reader.read(100)
        writer.close()

    async with await asyncio.start_server(older, "127.0.0.1", 0) as server:
        (found,) = await looked_at(decision, house.patient(agi=server.sockets[0].getsockname()[1], ami=0))
    assert found.mark is ERROR
    assert "unknown_route" in found.detail
    assert "restart" in found.mend


def test_nobody_there_is_said_elsewhere(house: House) -> None:
    assert list(decision(house.patient(agi=free_port(), ami=0))) == []


def test_a_write_is_tried_and_leaves_nothing(house: House) -> None:
    patient = house.patient()
    before = sorted(house.folder.iterdir())
    (found,) = disk(patient)
    assert found.mark in (OK, WARNING)  # a busy disk may well be slow
    assert written(house.folder) > 0
    assert sorted(house.folder.iterdir()) == before


def test_a_disk_that_takes_no_write(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's own error, of /dev/full."""

    def full(*_: object) -> None:
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")

    monkeypatch.setattr(os, "fsync", full)
    (found,) = disk(house.patient())
    assert found.mark is ERROR
    assert "No space left" in found.detail


async def test_ports_of_a_daemon_at_work(house: House) -> None:
    patient = house.patient(agi=free_port(), ami=0)
    async with at_work(patient):
        found = [finding for finding in await looked_at(ports, patient) if finding.what == "AGI port"]
    assert [finding.mark for finding in found] == [OK]
    assert "from this machine alone" in found[0].detail


def of_agi(patient: Patient) -> Finding:
    (found,) = [finding for finding in ports(patient) if finding.what == "AGI port"]
    return found


def test_a_port_that_others_can_reach(house: House) -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        found = of_agi(house.patient(agi=port, ami=0))
    assert found.mark is WARNING
    assert "0.0.0.0" in found.detail
    assert f"127.0.0.1:{port}" in found.mend


def test_another_program_has_the_port(house: House) -> None:
    """The process that answers commands is not the one that listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        patient = house.patient(agi=server.getsockname()[1], ami=0)
        patient.__dict__["daemon"] = {"pid": os.getppid()}
        found = of_agi(patient)
    assert found.mark is ERROR
    assert "another program than the daemon" in found.detail


def test_listeners_of_both_kinds() -> None:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET6, "::")):
        with socket.socket(family) as server:
            server.bind((host, 0))
            server.listen()
            (found,) = listeners(server.getsockname()[1])
        assert found.host == host
        assert found.loopback == (host != "::")


@pytest.mark.parametrize(("ahead", "mark"), [(0.3, OK), (-1.9, OK), (5.0, WARNING), (-5.0, WARNING), (90.0, ERROR)])
def test_how_far_the_clocks_may_be_apart(ahead: float, mark: Mark) -> None:
    found = apart(ahead)
    assert found.mark is mark
    assert mark is OK or (("ahead of" in found.detail) == (ahead > 0))


def test_the_kernel_says_whether_the_clock_is_kept(house: House) -> None:
    found = list(clock(house.patient(ami=0)))
    expected = {True: [OK], False: [WARNING], None: []}[kernel_synchronised()]
    assert [finding.mark for finding in found] == expected


@pytest.mark.parametrize(
    ("seen", "mark", "said"),
    [
        (Seen(sent=True, heard=True), OK, "came back"),
        (Seen(sent=True, heard=False), ERROR, "do not come back"),
        (Seen(sent=False), ERROR, "refuses its events"),
        (Seen(sent=True, heard=True, actions=frozenset({"Originate"})), WARNING, "Originate"),
    ],
)
def test_what_was_tried_at_asterisk(house: House, seen: Seen, mark: Mark, said: str) -> None:
    """tests/asterisk/test_doctor.py has the real one."""
    patient = house.patient()
    patient.__dict__["asterisk"] = seen
    (found,) = ami_tried(patient)
    assert found.mark is mark
    assert said in found.detail


def test_prompts_of_another_version(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts_module, "SHARE", SHIPPED)
    place = house.speak("en")
    assert [found.mark for found in house.findings(prompts_version)] == [OK]
    (place / "press.ulaw").write_bytes(b"older")
    (found,) = house.findings(prompts_version)
    assert found.mark is WARNING
    assert "press.ulaw" in found.detail


def faults(patient: Patient) -> str:
    return " ".join(finding.detail for finding in rights(patient) if finding.mark is ERROR)


def test_rights_in_order(house: House) -> None:
    patient = house.patient(ami=0)
    house.config.chmod(0o640)
    assert [finding.mark for finding in rights(patient)] == [OK]


def test_anyone_may_change_the_settings(house: House) -> None:
    patient = house.patient(ami=0)
    house.config.chmod(0o666)
    assert "may change" in faults(patient)


def test_anyone_may_read_the_secret(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agi_screen.doctor.checks.rights.reached", lambda _: True)  # pytest's folders are closed
    patient = house.patient()
    house.config.chmod(0o644)
    assert "anyone on this machine may read it" in faults(patient)
    house.config.chmod(0o640)
    (house.etc / "manager.d/agi_screen.conf").chmod(0o640)
    assert faults(patient) == ""


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o604, 0o400])
def test_what_the_daemon_may_read_is_what_the_kernel_lets_it(mode: int) -> None:
    file = Path(f"/tmp/agi-screen-rights-{os.getpid()}")  # the one place that anyone gets to
    file.write_text("x")
    file.chmod(mode)
    try:
        with as_nobody():
            who = Who(os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))
            assert may_read(file, who) is os.access(file, os.R_OK, effective_ids=True)
    finally:
        file.unlink()


def test_a_daemon_that_is_root(house: House) -> None:
    patient = house.patient(ami=0)
    patient.__dict__["daemon"] = {"pid": os.getpid()}
    assert any("runs as root" in finding.detail for finding in rights(patient)) == (os.geteuid() == 0)
