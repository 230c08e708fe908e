"""Asterisk falls silent on AMI, is restarted, or is killed, with real calls under way: said, borne, mended."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.person import Ear
from tests.asterisk.until import until
from tests.fakes.half_open import HalfOpenRelay

PERSON, ODD = "+14155552671", "+10000000000"
SILENCE = 1.0


def figure(daemon: DaemonProcess, name: str) -> float:
    """One figure of its /metrics."""
    with urllib.request.urlopen(f"{daemon.web}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^agi_screen_{name} (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def test_ami_half_open(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    """Noticed within [ami] silence, said; calls are decided meanwhile; it is mended by itself."""
    async with HalfOpenRelay(lab.ports.ami) as relay:
        daemon = DaemonProcess(lab, tmp_path)
        text = (tmp_path / "agi-screen.toml").read_text()
        text = text.replace(f"[ami]\nport = {lab.ports.ami}", f'[ami]\nport = {relay.port}\nsilence = "{SILENCE}s"')
        (tmp_path / "agi-screen.toml").write_text(text)
        await asyncio.to_thread(daemon.start)
        try:
            await until(lambda: "AMI up" in daemon.said)
            async with await Caller.place(Dial(lab.ports.sip, caller=PERSON)) as call:
                await desk.reached(1)
                await until(lambda: figure(daemon, "calls_followed") == 1)
                relay.silent = True
                await until(lambda: "no answer to a ping" in daemon.said, 5 * SILENCE)
                call.hang_up()  # of which the daemon hears nothing
            async with await Caller.place(Dial(lab.ports.sip, caller="+14155552675")) as call:
                assert await call.final() == 200
                await desk.reached(2)
            decided = "SELECT verdict FROM calls WHERE caller = '+14155552675'"
            assert await until(lambda: daemon.query(decided)) == [("allow",)]
            assert daemon.status()["ami"] in ("lost", "refused")
            relay.silent = False
            await until(lambda: daemon.said.count("AMI up") == 2, 20)
            async with await Caller.place(Dial(lab.ports.sip, caller=PERSON)) as call:
                await desk.reached(3)
                call.hang_up()
            ends = "SELECT count(*) FROM call_ends"
            await until(lambda: daemon.query(ends) == [(1,)])  # the new one's
        finally:
            await asyncio.to_thread(daemon.stop)


@pytest.fixture
def own_lab(tmp_path: Path) -> Iterator[Lab]:
    """An Asterisk that may be killed."""
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), folder=tmp_path / "lab")) as running:
        yield running


def killed(lab: Lab) -> None:
    os.kill(lab.pid, signal.SIGKILL)
    lab.stop()
    lab.start()


def stopped_and_started(lab: Lab) -> None:
    """As `core restart now`, which begins anew in the same process: the lab owns its process, so it is done in two."""
    lab.cli("core stop now")
    lab.stop()
    lab.start()


@pytest.mark.parametrize("restart", [stopped_and_started, killed])
async def test_asterisk_goes_during_a_call_and_a_captcha(
    own_lab: Lab, tmp_path: Path, restart: Callable[[Lab], None]
) -> None:
    with DaemonProcess(own_lab, tmp_path, 'step_time = "90s"', key_time="15s") as daemon:
        await until(lambda: "AMI up" in daemon.said)
        async with await Desk.open(own_lab.ports.operator) as desk:
            harness = await Ami.login(own_lab.ports.ami, "harness", own_lab.harness_secret)
            async with (
                harness,
                await Caller.place(Dial(own_lab.ports.sip, caller=PERSON)),
                await Caller.place(Dial(own_lab.ports.sip, caller=ODD)),
            ):
                await Ear(harness).challenge(ODD)
                await desk.reached(1)
                await until(lambda: figure(daemon, "calls_followed") == 2)
                assert daemon.status()["in_captcha"] == 1
                await asyncio.to_thread(restart, own_lab)
            await until(lambda: figure(daemon, "sessions") == 0)
            await until(lambda: daemon.said.count("AMI up") == 2, 40)
            assert figure(daemon, "calls_followed") == 0
            status = daemon.status()
            assert (status["in_captcha"], status["ami"]) == (0, "up")
            assert "AMI lost" in daemon.said
            rows = await until(lambda: daemon.query("SELECT caller, captcha FROM calls ORDER BY caller") or False)
            assert (ODD, "hungup") in rows  # its record was closed, as one who hung up
            async with await Caller.place(Dial(own_lab.ports.sip, caller="+14155552676")) as call:
                assert await call.final() == 200
                await desk.reached(2)
            await until(lambda: len(daemon.query("SELECT 1 FROM calls WHERE caller = '+14155552676'")) == 1)
