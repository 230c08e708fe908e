"""`agi-screen restart` on real calls: nobody finds the door closed, and what was known before is known after."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear
from tests.asterisk.until import until

ODD = "+10000000000"  # a number of no plan: challenged at its first call
OFTEN = "+14155552671"
A_SECOND = 50
LIMIT = '[signals.caller_rate]\nlimit = "3/10h"\n'
REQUEST = """agi_network_script: decide
agi_channel: PJSIP/t-{0}
agi_uniqueid: 1.{0}
agi_callerid: {1}
agi_dnid: 18005550100

"""


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(lab, tmp_path, f'attempts = 1\nstep_time = "75s"\n{LIMIT}', key_time="20s") as running:
        yield running


@dataclass(slots=True)
class Calls:
    """Sessions on the AGI port, so many a second, each of another caller, until `over` is set."""

    port: int
    over: asyncio.Event = field(default_factory=asyncio.Event)
    answers: list[str] = field(default_factory=list)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        async with asyncio.TaskGroup() as calls:
            while not self.over.is_set():
                self.answers.append("")
                calls.create_task(self._one(len(self.answers) - 1))
                due += 1 / A_SECOND
                moment: asyncio.Future[None] = loop.create_future()
                loop.call_at(due, moment.set_result, None)
                await moment

    async def _one(self, place: int) -> None:
        """As Asterisk does it; a refused or reset connection raises."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        with closing(writer):
            writer.write(REQUEST.format(place, f"+1415556{place % 10_000:04d}").encode())
            command = await asyncio.wait_for(reader.readline(), 30)
            writer.write(b"200 result=0\n")
            self.answers[place] = command.decode()
            assert await reader.read() == b""


async def restarted(daemon: DaemonProcess) -> dict[str, Any]:
    done = await asyncio.to_thread(asked, daemon, "--json")
    assert done.returncode == 0, done.stdout
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def asked(daemon: DaemonProcess, *words: str) -> subprocess.CompletedProcess[str]:
    """A busy machine may take long to start another Python."""
    line = [*daemon.command, "restart", *words, "--config", "agi-screen.toml"]
    return subprocess.run(
        line, cwd=daemon.folder, env=daemon.environment, capture_output=True, text=True, timeout=90, check=False
    )


async def test_under_load_each_call_has_its_verdict_over_three_restarts(lab: Lab, daemon: DaemonProcess) -> None:
    calls = Calls(lab.options.agi_port)
    processes = [daemon.status()["pid"]]
    async with asyncio.TaskGroup() as running:
        running.create_task(calls.run())
        for _ in range(3):
            answer = await restarted(daemon)
            assert answer["was"] == processes[-1]
            processes.append(answer["pid"])
        calls.over.set()
    assert len({*processes}) == 4
    assert all("SCREEN_VERDICT=" in answer and "SCREEN_ERROR" not in answer for answer in calls.answers)
    assert len(calls.answers) > A_SECOND
    await until(lambda: daemon.query("SELECT count(*) FROM calls") == [(len(calls.answers),)])
    assert daemon.said.count("handed over to") == 3


async def test_a_caller_over_the_limit_is_over_it_in_the_next_process(
    lab: Lab, desk: Desk, daemon: DaemonProcess
) -> None:
    for count in (1, 2, 3):
        async with await Caller.place(Dial(lab.ports.sip, caller=OFTEN)) as call:
            assert await call.final() == 200
            await desk.reached(count)
    before = json.loads(daemon.run("explain", OFTEN, "--did", "18005550100", "--json"))
    await restarted(daemon)
    after = json.loads(daemon.run("explain", OFTEN, "--did", "18005550100", "--json"))
    assert [e for e in after["signals"] if e["signal"] == "caller_rate" and e["points"] > 0] != []
    assert after["score"] == pytest.approx(before["score"], abs=0.1)


async def test_a_captcha_under_way_is_finished_and_its_call_followed_to_its_end(
    lab: Lab, desk: Desk, harness: Ami, daemon: DaemonProcess
) -> None:
    ear = Ear(harness)
    await until(lambda: "AMI up" in daemon.said)
    async with await Caller.place(Dial(lab.ports.sip, caller=ODD)) as call:
        digits = await ear.challenge(ODD)
        assert (await restarted(daemon))["ending_here"] == 1
        await call.audible()
        await call.press(digits)
        await desk.reached(1)
        told = await harness.event("UserEvent", UserEvent="AgiScreenVerdict")
        assert told["Captcha"] == "passed"
    ends = "SELECT c.captcha, e.disposition FROM calls c JOIN call_ends e USING (uniqueid)"
    assert await until(lambda: daemon.query(ends)) == [("passed", "talked")]
    await until(lambda: "the daemon before us has ended its calls" in daemon.said)
    assert await until(lambda: daemon.query("SELECT passed, talks FROM callers")) == [(1, 1)]
    assert daemon.query("SELECT caller FROM passes") == [(ODD,)]


async def test_a_call_with_its_verdict_is_followed_by_the_next_process(
    lab: Lab, desk: Desk, daemon: DaemonProcess
) -> None:
    await until(lambda: "AMI up" in daemon.said)
    async with await Caller.place(Dial(lab.ports.sip, caller=OFTEN)) as call:
        assert await call.final() == 200
        await desk.reached(1)
        await restarted(daemon)
        await until(lambda: "calls that go on with the successor: 1" in daemon.said)
        await until(lambda: "the daemon before us has ended its calls" in daemon.said)
    assert await until(lambda: daemon.query("SELECT disposition FROM call_ends")) == [("talked",)]


async def test_the_level_set_by_hand_is_kept_with_its_since(daemon: DaemonProcess) -> None:
    daemon.run("level", "siege", "--reason", "on TV")
    before = json.loads(daemon.run("level", "--json"))
    await restarted(daemon)
    assert json.loads(daemon.run("level", "--json")) == before
    assert daemon.said.count("attack level siege") == 1  # nobody is told of it anew
    daemon.run("level", "auto")
    await restarted(daemon)
    assert json.loads(daemon.run("level", "--json"))["override"] is None


def refused(daemon: DaemonProcess) -> str:
    done = asked(daemon)
    assert done.returncode == 1
    return done.stderr


async def test_with_a_bad_file_the_old_process_goes_on(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    pid = daemon.status()["pid"]
    config = daemon.folder / "agi-screen.toml"
    good = config.read_text()
    config.write_text(f"nonsense = 1\n{good}")
    assert "nonsense" in refused(daemon)
    config.write_text(good.replace(f'"127.0.0.1:{lab.options.agi_port}"', f'"127.0.0.1:{lab.ports.ami}"'))
    assert "is another agi-screen running" in refused(daemon)  # said by the successor
    config.write_text(good)
    async with await Caller.place(Dial(lab.ports.sip, caller=OFTEN)) as call:
        assert await call.final() == 200
        await desk.reached(1)
    assert await until(lambda: daemon.query("SELECT verdict FROM calls")) == [("allow",)]
    assert daemon.status()["pid"] == pid


async def test_signals_reach_the_successor_and_its_end_is_the_end(daemon: DaemonProcess) -> None:
    process = daemon._process
    assert process is not None
    await restarted(daemon)
    await until(lambda: "waits for its successor" in Path(f"/proc/{process.pid}/cmdline").read_text())
    process.send_signal(signal.SIGHUP)
    await until(lambda: "configuration reloaded" in daemon.said)
    process.terminate()
    assert await asyncio.to_thread(process.wait, 60) == 0
    assert daemon.said.rstrip().endswith("stopped")
