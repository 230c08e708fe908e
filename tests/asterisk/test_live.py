"""The live picture of a real centre: callers in a real queue, its members, and how a call went on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

CALLER = "+14155552691"


def board(daemon: DaemonProcess) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(daemon.run("top", "--json"))
    return found


def queue(daemon: DaemonProcess) -> dict[str, Any]:
    found: list[dict[str, Any]] = board(daemon)["queues"]["rows"]
    return found[0] if found else {"waiting": -1, "members": {}}


async def test_a_call_is_seen_from_the_queue_to_its_end(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    """The account is the shipped one: the list of queues needs no right to write."""
    with DaemonProcess(lab, tmp_path) as daemon:
        await until(lambda: "AMI up" in daemon.said)
        await until(lambda: sum(queue(daemon)["members"].values()) == 1)
        assert queue(daemon)["members"]["free"] == 1
        async with await Caller.place(Dial(lab.ports.sip, caller=CALLER)) as call:
            assert await call.final() == 200
            await desk.reached(1)
            await until(lambda: queue(daemon)["answered"] == 1)
            call.hang_up()
            await call.over()
        await until(lambda: board(daemon)["calls"][0]["end"] is not None)
        seen = board(daemon)
        (newest,) = seen["calls"]
        assert (newest["caller"], newest["told"], newest["end"]["how"]) == (CALLER, "allow", "talked")
        assert seen["totals"]["allow"] == 1
        assert seen["top"]["callers"]["rows"] == [[CALLER, 1, 0]]
        assert queue(daemon)["waiting"] == 0
        assert seen["queues"]["problem"] == ""
