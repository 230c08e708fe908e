"""The whole way of a call, SIP to operator: real Asterisk, real daemon, people and robots at the other end."""

from __future__ import annotations

import asyncio
import json
import re
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
HAMMER = "+14155552672"
DENIED = "+14155552673"


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[DaemonProcess]:
    with DaemonProcess(lab, tmp_path, 'on_failure = ["divert"]') as running:  # no operator for who fails
        yield running


def dial(lab: Lab, caller: str = PERSON) -> Dial:
    return Dial(lab.ports.sip, caller=caller)


async def hammer(lab: Lab, desk: Desk, times: int = 6, caller: str = HAMMER) -> int:
    """Calls and hangs up, one after the other, as a robot does; how many have reached the desk in all."""
    for _ in range(times):
        reached = len(desk.calls)
        async with await Caller.place(dial(lab, caller)) as call:
            await call.final()
            await desk.reached(reached + 1)
    return len(desk.calls)


async def test_a_person_reaches_an_operator_and_the_call_is_recorded(
    lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami
) -> None:
    await until(lambda: "AMI up" in daemon.said)
    async with await Caller.place(dial(lab)) as call:
        assert await call.final() == 200
        await harness.event("AgentConnect")
    event = await harness.event("UserEvent", UserEvent="AgiScreenVerdict")
    assert (event["Verdict"], event["Caller"], event["Dialled"]) == ("allow", PERSON, "+18005550100")
    ended = "SELECT disposition, cause, queue FROM call_ends"
    rows = await until(lambda: daemon.query(ended))
    assert rows == [("talked", 16, "operators")]
    shown = json.loads(daemon.run("calls", "--json"))
    assert shown["id"] == event["CallID"]
    assert (shown["caller"], shown["verdict"]) == (PERSON, "allow")


async def test_twenty_calls_in_a_minute_are_challenged_and_a_person_passes(
    lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami
) -> None:
    ear = Ear(harness)
    reached = await hammer(lab, desk)
    async with await Caller.place(dial(lab, HAMMER)) as call:
        await solve(call, ear)
        await desk.reached(reached + 1)
    async with await Caller.place(dial(lab, HAMMER)) as again:  # the pass: not asked again
        assert await again.final() == 200
        await desk.reached(reached + 2)
    rows = await until(lambda: daemon.query("SELECT verdict, captcha, final FROM calls ORDER BY n")[7:])
    assert rows == [("allow", "skipped", "pass")]
    assert daemon.query("SELECT verdict, final_verdict, captcha FROM calls ORDER BY n")[6] == (
        "challenge",
        "allow",
        "passed",
    )


@pytest.mark.parametrize("keys", ["", "wrong"])
async def test_a_robot_never_reaches_the_queue(
    lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami, keys: str
) -> None:
    ear = Ear(harness)
    reached = await hammer(lab, desk)
    async with await Caller.place(dial(lab, HAMMER)) as bot:
        for _ in range(3 if keys else 0):
            digits = await ear.challenge(HAMMER, 15)
            await bot.press(str((int(digits[0]) + 1) % 10) + digits[1:])
        assert await bot.over(60) == "theirs"
    assert len(desk.calls) == reached
    row = await until(lambda: daemon.query("SELECT verdict, final_verdict, captcha FROM calls ORDER BY n")[6:])
    assert row == [("challenge", "divert", "failed")]


async def test_hanging_up_in_the_captcha_is_recorded(lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami) -> None:
    ear = Ear(harness)
    await hammer(lab, desk)
    async with await Caller.place(dial(lab, HAMMER)):
        await ear.challenge(HAMMER)
    row = await until(lambda: daemon.query("SELECT final_verdict, captcha FROM calls ORDER BY n")[6:])
    assert row == [("challenge", "hungup")]
    assert daemon.status()["in_captcha"] == 0


async def test_a_denied_number_is_rejected_before_answer(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    daemon.run("list", "add", "deny", DENIED, "--reason", "hammered us yesterday")
    async with await Caller.place(dial(lab, DENIED)) as call:
        assert await call.final() == 403
    assert 200 not in call.codes
    assert not desk.calls
    daemon.run("list", "remove", "deny", DENIED)
    async with await Caller.place(dial(lab, DENIED)) as call:
        assert await call.final() == 200


async def test_a_changed_threshold_is_taken_and_a_bad_file_is_not(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    daemon.write('mode = "enforce"\n[policy]\nnormal = { challenge = 0.5, reject = 1.0 }')
    await until(lambda: "NOT changed" in daemon.said)  # mode stands below a table: an unknown key of [captcha]
    daemon.write("[policy]\nnormal = { challenge = 0.5, reject = 1.0 }")
    await until(lambda: "configuration reloaded" in daemon.said)
    async with await Caller.place(dial(lab, "anonymous")) as call:
        assert await call.final() == 403


async def test_explain_asks_the_running_daemon(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    await hammer(lab, desk)
    found = json.loads(daemon.run("explain", HAMMER, "--did", "18005550100", "--json"))
    assert (found["live"], found["verdict"]) == (True, "challenge")
    shown = daemon.run("explain", HAMMER)
    assert re.search(r"caller_rate\s.*calls over the limit", shown)
    assert "challenge" in shown


async def test_an_operator_marks_the_last_caller(lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami) -> None:
    async with await Caller.place(dial(lab)):
        await harness.event("AgentConnect")
    await until(lambda: daemon.query("SELECT 1 FROM call_ends"))
    phone = Dial(lab.ports.sip, "*77", "201", headers=(("X-Demo-Operator", "yes"),))
    async with await Caller.place(phone) as operator:
        await operator.over(20)
    assert await until(lambda: daemon.query("SELECT caller, label, operator FROM feedback")) == [
        (PERSON, "robot", "PJSIP/operator")
    ]


async def test_stopping_the_daemon_ends_the_captcha_under_way_properly(
    lab: Lab, desk: Desk, daemon: DaemonProcess, harness: Ami
) -> None:
    ear = Ear(harness)
    reached = await hammer(lab, desk)
    async with await Caller.place(dial(lab, HAMMER)) as call:
        digits = await ear.challenge(HAMMER)
        stopping = asyncio.get_running_loop().run_in_executor(None, daemon.stop)
        await call.press(digits)
        await desk.reached(reached + 1)
        await stopping
    assert daemon.query("SELECT captcha FROM calls ORDER BY n")[6] == ("passed",)


async def test_who_hammered_before_a_restart_is_still_known(lab: Lab, desk: Desk, daemon: DaemonProcess) -> None:
    await hammer(lab, desk)
    daemon.stop()
    daemon.start()
    found = json.loads(daemon.run("explain", HAMMER, "--json"))
    assert (found["live"], found["verdict"]) == (True, "challenge")
