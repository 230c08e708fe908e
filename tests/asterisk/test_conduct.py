"""How callers act in the CAPTCHA, on the real Asterisk: what each does is in its record, and no machine gets through.

All of them call at once: each is in the CAPTCHA for up to half a minute.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk import mulaw
from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.ends import robots
from tests.asterisk.ends.people import Person, Traits
from tests.asterisk.ends.prompts import Prompts
from tests.asterisk.lab import SHIPPED, Lab, LabOptions, free_port
from tests.asterisk.person import Ear
from tests.asterisk.until import until

SITE = """
[from-trunk]
exten => 18005550120,1,Set(AGI_SCREEN_AGI=agi://127.0.0.1:{port}/captcha)
 same => n,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Queue(operators,r,,,60)
"""
MACHINES = {
    "pitch": "talk_over",
    "fax": "machine_tone",
    "modem": "machine_tone",
    "flood": "early_keys",
    "one early key": "early_keys",
    "fast keys": "key_rhythm",
    "silent": "silence",
    "hangs up": "first_hangup",
}
PEOPLE = ("person", "says hello")
NUMBERS = {name: f"+141555520{n:02d}" for n, name in enumerate([*MACHINES, *PEOPLE])}
QUIET = Traits(reaction=(0.4, 0.8), slip=0.0, patience=60.0)
Record = dict[str, Any]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Record]]:
    """The record of each caller, and how many calls of theirs the desk had."""
    folder, port = tmp_path_factory.mktemp("conduct"), free_port(socket.SOCK_STREAM)
    options = LabOptions(agi_port=port, site=SITE.format(port=port))
    with Lab(options) as lab, DaemonProcess(lab, folder, 'on_failure = ["divert"]\nper_block = "1000/1m"') as daemon:
        yield asyncio.run(all_call(lab, daemon))


async def all_call(lab: Lab, daemon: DaemonProcess) -> dict[str, Record]:
    await until(lambda: "AMI up" in daemon.said)
    prompts = Prompts.load({"en": SHIPPED / "sounds/en/agi-screen"})
    harness = await Ami.login(lab.ports.ami, "harness", lab.harness_secret)
    async with harness, await Desk.open(lab.ports.operator, hold=5.0) as desk:
        ear = Ear(harness)
        await asyncio.gather(*(calls(lab, name, act(name, prompts, ear)) for name in NUMBERS))
        found = "SELECT count(*) FROM calls JOIN call_ends USING (uniqueid)"
        await until(lambda: daemon.query(found) == [(len(NUMBERS),)])
        lines = daemon.run("calls", "--json", "--limit", "100").splitlines()
        by_caller = {record["caller"]: record for record in map(json.loads, lines)}
        return {name: {**by_caller[number], "desk": len(desk.calls_of(number))} for name, number in NUMBERS.items()}


async def calls(lab: Lab, name: str, acts: Callable[[Caller], Awaitable[object]]) -> None:
    async with await Caller.place(Dial(lab.ports.sip, "18005550120", NUMBERS[name])) as call:
        await acts(call)


def act(name: str, prompts: Prompts, ear: Ear) -> Callable[[Caller], Awaitable[object]]:
    """What a caller of this name does, to the end of the call."""
    pitch = robots.pitch("power-cut")
    made: dict[str, Callable[[Caller], Awaitable[object]]] = {
        "pitch": lambda call: robots.ReplayRobot(call, pitch).run(),
        "fax": lambda call: robots.FaxRobot(call).run(),
        "modem": lambda call: robots.FaxRobot(call, answering=True).run(),
        "flood": lambda call: robots.FloodRobot(call).run(),
        "one early key": lambda call: robots.FixedKeyRobot(call).run(),
        "fast keys": lambda call: machine(call, ear),
        "silent": lambda call: robots.SilentRobot(call).run(),
        "hangs up": lambda call: robots.HangupRobot(call).run(),
        "says hello": lambda call: person(call, prompts, pitch[: 8000 * 3 // 2]),
    }
    return made.get(name, lambda call: person(call, prompts, b""))


async def person(call: Caller, prompts: Prompts, says: bytes) -> None:
    """Passes, and talks to an operator; `says` is spoken at the begin."""
    caller = Person(call, prompts, QUIET)
    running = asyncio.create_task(caller.run())
    await call.audible()
    if says:
        call.media.talk(says + mulaw.quiet(60.0))
    told = await running
    assert told.passed, told
    await call.over(30)


async def machine(call: Caller, ear: Ear) -> None:
    """Knows every answer, and presses it as fast as a machine."""
    await call.audible()
    call.media.talk()
    while not call.ended.done():
        asked = asyncio.create_task(ear.challenge(call.dial.caller, 40))
        await asyncio.wait({asked, call.ended}, return_when=asyncio.FIRST_COMPLETED)
        if call.ended.done():
            asked.cancel()
            return
        await call.press(await asked, hold=2, gap=2)


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_known_by_what_it_does(records: dict[str, Record], name: str) -> None:
    record = records[name]
    seen = {evidence["signal"]: evidence for evidence in record["conduct"]}
    assert MACHINES[name] in seen, record
    assert record["captcha"] == ("hungup" if name == "hangs up" else "failed")
    assert record["desk"] == 0


@pytest.mark.parametrize("name", ["pitch", "fax", "modem", "flood", "one early key", "fast keys"])
def test_its_conduct_is_doubt_enough(records: dict[str, Record], name: str) -> None:
    assert sum(evidence["score"] for evidence in records[name]["conduct"]) >= 5.0


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_is_believed_at_the_first_question(records: dict[str, Record], name: str) -> None:
    record = records[name]
    assert (record["captcha"], record["asked"], record["desk"]) == ("passed", "digits:right", 1)
    assert sum(evidence["score"] for evidence in record["conduct"]) < 5.0


async def test_where_asterisk_hears_no_tones_its_log_says_so_once(tmp_path: Path) -> None:
    """Each use of a function that Asterisk has not got is an error in its log: we try once, not at each call."""
    port = free_port(socket.SOCK_STREAM)
    options = LabOptions(port, site=SITE.format(port=port), files={"modules_more.conf": "noload = res_tonedetect.so\n"})
    with Lab(options) as lab, DaemonProcess(lab, tmp_path, "silent_attempts = 1", key_time="300ms") as daemon:
        for name in ("silent", "pitch", "fax"):
            async with await Caller.place(Dial(lab.ports.sip, "18005550120", NUMBERS[name])) as call:
                await robots.SilentRobot(call).run()
        rows = await until(lambda: daemon.query("SELECT captcha FROM calls")[2:])
        assert rows == [("failed",)]
        assert lab.messages.count("TONE_DETECT not registered") == 2
