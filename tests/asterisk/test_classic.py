"""Classic AGI: Asterisk starts our pyst2 script once a call, and the daemon decides over its Unix socket."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear, solve
from tests.asterisk.until import until

PERSON = "+14155552671"
ODD = "+10000000000"


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(lab, tmp_path) as running:
        yield running


@pytest.fixture
def classic(lab: Lab, tmp_path: Path) -> Iterator[Path]:
    """The subroutine calls the script instead of the daemon; what the script prints is kept."""
    script, errors = tmp_path / "agi-screen-agi", tmp_path / "errors"
    script.write_text(
        f'#!/bin/sh\nexport AGI_SCREEN_SOCKET="{tmp_path}/agi-screen.sock"\n'
        f'exec "{sys.executable}" -m agi_screen.inbound.classic "$@" 2>>"{errors}"\n'
    )
    script.chmod(0o755)
    lab.cli(f"dialplan set global AGI_SCREEN_AGI {script}")
    yield errors
    lab.cli('dialplan set global AGI_SCREEN_AGI ""')  # without a value it would be refused, and stay


async def test_the_same_verdicts(lab: Lab, desk: Desk, daemon: DaemonProcess, classic: Path) -> None:
    daemon.run("list", "add", "deny", "+14155552673")
    async with await Caller.place(Dial(lab.ports.sip, caller=PERSON)) as call:
        assert await call.final() == 200
        await desk.reached(1)
    async with await Caller.place(Dial(lab.ports.sip, caller="+14155552673")) as denied:
        assert await denied.final() == 403
    rows = await until(lambda: len(found := daemon.query("SELECT caller, dialled, trunk FROM calls")) == 2 and found)
    assert rows[0] == (PERSON, "+18005550100", "PJSIP/trunk")
    assert classic.read_text() == ""  # pyst2 would write every number to stderr


async def test_the_captcha(lab: Lab, desk: Desk, daemon: DaemonProcess, classic: Path, harness: Ami) -> None:
    ear = Ear(harness)
    async with await Caller.place(Dial(lab.ports.sip, caller=ODD)) as call:
        await solve(call, ear)
        await desk.reached(1)
    row = await until(lambda: daemon.query("SELECT final_verdict, captcha FROM calls"))
    assert row == [("allow", "passed")]


async def test_hanging_up_ends_script_and_session(
    lab: Lab, desk: Desk, daemon: DaemonProcess, classic: Path, harness: Ami
) -> None:
    ear = Ear(harness)
    async with await Caller.place(Dial(lab.ports.sip, caller=ODD)):
        await ear.challenge(ODD)
    row = await until(lambda: daemon.query("SELECT final_verdict, captcha FROM calls"))
    assert row == [("challenge", "hungup")]
    await until(lambda: daemon.status()["sessions"] == 0)


async def test_without_a_daemon_the_call_goes_on(lab: Lab, desk: Desk, classic: Path, ami: Ami) -> None:
    async with await Caller.place(Dial(lab.ports.sip, caller=PERSON)) as call:
        assert await call.final() == 200
        await desk.reached(1)
    assert (await ami.event("UserEvent", UserEvent="AgiScreenOpen"))["Error"] == "refused"
    assert "gave no verdict" in classic.read_text()


async def test_a_frozen_daemon_is_not_waited_for(lab: Lab, desk: Desk, daemon: DaemonProcess, classic: Path) -> None:
    daemon.freeze()
    async with await Caller.place(Dial(lab.ports.sip, caller=PERSON)) as call:
        assert await call.final() == 200
        await desk.reached(1)
    assert call.marks.post_dial_delay < 2.6
