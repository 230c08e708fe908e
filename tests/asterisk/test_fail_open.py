"""The fail-open ladder on real calls: whatever breaks, the caller reaches the operators soon, and it shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear
from tests.asterisk.until import until

PERSON = "+14155552671"
ODD = "+10000000000"  # a number of no plan: challenged at its first call
STEP_SECONDS = 13


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(lab, tmp_path, f'attempts = 1\nstep_time = "{STEP_SECONDS}s"') as running:
        yield running


def dial(lab: Lab, caller: str = PERSON) -> Dial:
    return Dial(lab.ports.sip, caller=caller)


async def delay_to_operator(lab: Lab, desk: Desk, seconds: float = 10.0) -> float:
    """Seconds from INVITE to answer of a call that reaches an operator."""
    reached = len(desk.calls)
    async with await Caller.place(dial(lab)) as call:
        assert await call.final(seconds) == 200
        await desk.reached(reached + 1)
    return call.marks.post_dial_delay


async def test_daemon_stopped(lab: Lab, desk: Desk, daemon: DaemonProcess, ami: Ami) -> None:
    daemon.stop()
    assert await delay_to_operator(lab, desk) < 0.5
    assert (await ami.event("UserEvent", UserEvent="AgiScreenOpen"))["Error"] == "refused"
    assert "agi-screen gave no verdict (refused)" in lab.messages


async def test_daemon_killed_and_back(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    daemon.kill()
    assert await delay_to_operator(lab, desk) < 0.5
    daemon.start()
    assert await delay_to_operator(lab, desk) < 0.5
    assert await until(lambda: daemon.query("SELECT verdict FROM calls")) == [("allow",)]


async def test_daemon_frozen_before_the_call(lab: Lab, desk: Desk, daemon: DaemonProcess, ami: Ami) -> None:
    daemon.freeze()
    assert 1.9 < await delay_to_operator(lab, desk) < 2.6
    assert (await ami.event("UserEvent", UserEvent="AgiScreenOpen"))["Error"] == "timeout"


async def test_daemon_frozen_during_a_captcha(
    lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami, ami: Ami
) -> None:
    ear = Ear(harness)
    async with await Caller.place(dial(lab, ODD)) as call:
        await ear.challenge(ODD)
        daemon.freeze()
        await desk.reached(1, STEP_SECONDS + 2)
    assert call.answered
    assert (await ami.event("UserEvent", UserEvent="AgiScreenOpen"))["Error"] == "timeout"


async def test_daemon_killed_during_a_captcha(
    lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami, ami: Ami
) -> None:
    ear = Ear(harness)
    async with await Caller.place(dial(lab, ODD)):
        await ear.challenge(ODD)
        daemon.kill()
        await desk.reached(1, 3)
    assert (await ami.event("UserEvent", UserEvent="AgiScreenOpen"))["Error"] == "died"


async def test_prompts_missing(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    """The daemon sees sounds which Asterisk does not have."""
    ours = lab.dir / "data/sounds/en/agi-screen"
    for sound in ours.rglob("*.ulaw"):
        copy = tmp_path / "sounds/en/elsewhere" / sound.relative_to(ours)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(sound.read_bytes())
    with DaemonProcess(lab, tmp_path, 'prompts = "elsewhere"', sounds=tmp_path / "sounds") as daemon:
        async with await Caller.place(dial(lab, ODD)) as call:
            assert await call.final() == 200
            await desk.reached(1)
        assert await until(lambda: daemon.query("SELECT final_verdict, error FROM calls")) == [
            ("allow", "prompts_missing")
        ]
        assert "are the prompts installed" in daemon.said


async def test_captcha_full(lab: Lab, desk: Desk, harness: Ami, tmp_path: Path) -> None:
    ear = Ear(harness)
    with DaemonProcess(lab, tmp_path, "max_concurrent = 1") as daemon:
        async with await Caller.place(dial(lab, ODD)):
            await ear.challenge(ODD)
            async with await Caller.place(dial(lab, "+10000000001")) as second:
                assert await second.final() == 200
                await desk.reached(1)
            row = await until(lambda: daemon.query("SELECT final_verdict, error FROM calls"))
            assert row == [("allow", "captcha_full")]


async def test_store_locked_by_another_program(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    other = sqlite3.connect(daemon.folder / "agi-screen.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert await delay_to_operator(lab, desk) < 0.5
    await until(lambda: str(daemon.status()["records"]).startswith("behind"), 20)
    assert await delay_to_operator(lab, desk) < 0.5
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: len(daemon.query("SELECT 1 FROM calls")) == 2, 30)
    assert daemon.status()["records"] == "ok"


async def test_no_store_at_the_start(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "place").write_text("a file where a folder should be")
    with DaemonProcess(lab, tmp_path, '[store]\npath = "place/agi-screen.db"') as daemon:
        assert await delay_to_operator(lab, desk) < 0.5
        assert "WITHOUT lists and passes" in daemon.said


async def test_ami_refuses_the_secret(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    with DaemonProcess(lab, tmp_path, secret="not the secret") as daemon:
        await until(lambda: daemon.status()["ami"] == "wrong_secret")
        assert await delay_to_operator(lab, desk) < 0.5
        assert await until(lambda: daemon.query("SELECT verdict FROM calls")) == [("allow",)]
        assert "make the secret in" in daemon.said
        assert "not the secret" not in daemon.said
