"""The clock is set an hour forward or back, and right again, as calls come: none is forgiven, none locked out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear
from tests.asterisk.shifted import HOUR, ShiftedDaemon
from tests.asterisk.until import until

PERSON, HAMMER = "+14155552671", "+14155552672"
DENIED, DENIED_FOR_LONG = "+14155552673", "+14155552674"
# Three calls of the hammer are within its limit; the table of CAPTCHAs is out of the way.
MORE = 'attempts = 1\non_failure = ["divert"]\nper_caller = "100/1h"\nper_block = "100/1h"'


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path) -> Iterator[ShiftedDaemon]:
    running = ShiftedDaemon(lab, tmp_path, MORE)
    running.run("list", "add", "deny", DENIED, "--expires", "30m")
    running.run("list", "add", "deny", DENIED_FOR_LONG, "--expires", "7d")
    with running:
        yield running


async def verdict(lab: Lab, harness: Ami, caller: str) -> str:
    """Of one more call of this number, as the daemon told it to Asterisk."""
    async with await Caller.place(Dial(lab.ports.sip, caller=caller)) as call:
        seen = {event.get("CallID") for event in harness.events}
        event = await harness.wait(
            lambda event: "Verdict" in event and event.get("Caller") == caller and event.get("CallID") not in seen
        )
        call.hang_up()
    return event["Verdict"]


async def challenged(lab: Lab, ear: Ear, caller: str) -> bool:
    async with await Caller.place(Dial(lab.ports.sip, caller=caller)) as call:
        await ear.challenge(caller)
        call.hang_up()
    return True


@pytest.mark.parametrize("shift", [HOUR, -HOUR], ids=["forward", "back"])
async def test_clock_set_and_set_right_again(
    lab: Lab, desk: Desk, daemon: ShiftedDaemon, harness: Ami, shift: float
) -> None:
    await until(lambda: "AMI up" in daemon.said)
    ear = Ear(harness)
    for _ in range(6):
        assert await verdict(lab, harness, HAMMER) == "allow"
    assert await challenged(lab, ear, HAMMER)
    assert await verdict(lab, harness, DENIED) == "reject"
    async with await Caller.place(Dial(lab.ports.sip, caller=PERSON)) as call:  # a talk over both jumps
        await until(lambda: desk.calls_of(PERSON), 30)  # the only operator may be ringing for one who hung up
        daemon.set_clock(shift)
        way = "forward" if shift > 0 else "back"
        await until(lambda: f"clock was set {way} by 3600 s" in daemon.said)
        assert await challenged(lab, ear, HAMMER)  # not forgiven
        assert await verdict(lab, harness, "+12125552671") == "allow"  # nobody locked out
        assert await verdict(lab, harness, DENIED) == ("allow" if shift > 0 else "reject")  # its half hour is over
        assert await verdict(lab, harness, DENIED_FOR_LONG) == "reject"
        call.hang_up()
    ended = f"SELECT e.ended - c.started FROM call_ends e JOIN calls c USING (uniqueid) WHERE c.caller = '{PERSON}'"
    (lasted,) = (await until(lambda: daemon.query(ended)))[0]
    assert 0 < lasted < HOUR + 60
    daemon.set_clock(0.0)
    await until(lambda: daemon.said.count("clock was set") == 2)
    assert await challenged(lab, ear, HAMMER)
    assert await verdict(lab, harness, DENIED) == "reject"  # a half hour that is not over
    assert daemon.status()["level"] == "normal"
    moments = [at for (at,) in await until(lambda: daemon.query("SELECT started FROM calls ORDER BY id"))]
    ahead = {round((at - time.time()) / HOUR) * HOUR for at in moments}
    assert ahead == {0.0, shift}  # each has the time that the machine showed
