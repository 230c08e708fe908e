"""The attack level on a real Asterisk: set by AMI, announced by AMI, and known callers first in a siege."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agi_screen.base.clock import SystemClock
from agi_screen.base.records import CallerRecord
from agi_screen.base.store import Store
from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

BUSY, STRANGER, KNOWN = "+14155552671", "+14155552672", "+14155552673"
OBEY = "obey_level = true"


def obeying(lab: Lab, folder: Path) -> DaemonProcess:
    daemon = DaemonProcess(lab, folder)
    config = folder / "agi-screen.toml"
    config.write_text(config.read_text().replace("[ami]\n", f"[ami]\n{OBEY}\n"))
    return daemon


async def test_an_ami_client_sets_the_level_and_all_hear_of_it(
    lab: Lab, ami: Ami, harness: Ami, tmp_path: Path
) -> None:
    with obeying(lab, tmp_path) as daemon:
        await until(lambda: "AMI up" in daemon.said)
        order = {"UserEvent": "AgiScreenSetLevel", "Level": "siege", "For": "2h", "Reason": "on TV"}
        await ami.action("UserEvent", **order)
        heard = await harness.event("UserEvent", UserEvent="AgiScreenLevel", Level="siege")
        assert (heard["Was"], heard["Why"], heard["By"]) == ("normal", "on TV", "AMI")
        shown = json.loads(daemon.run("level", "--json"))
        assert (shown["level"], shown["override"]["by"]) == ("siege", "AMI")
        assert shown["override"]["until"] - shown["since"] == pytest.approx(7200, abs=1)
        await ami.action("UserEvent", UserEvent="AgiScreenSetLevel", Level="peace")
        await until(lambda: "NOT obeyed" in daemon.said)
        daemon.stop()
        daemon.start()  # a restart keeps it
        assert json.loads(daemon.run("level", "--json"))["level"] == "siege"
        assert "level normal" in daemon.run("level", "auto", "--reason", "over")


async def test_not_obeyed_unless_the_admin_says_so(lab: Lab, ami: Ami, tmp_path: Path) -> None:
    with DaemonProcess(lab, tmp_path) as daemon:
        await until(lambda: "AMI up" in daemon.said)
        await ami.action("UserEvent", UserEvent="AgiScreenSetLevel", Level="siege")
        await until(lambda: "obey_level = false" in daemon.said)
        assert daemon.status()["level"] == "normal"


async def test_what_a_dialplan_sends_for_a_call_is_no_order(lab: Lab, ami: Ami, harness: Ami, tmp_path: Path) -> None:
    with obeying(lab, tmp_path) as daemon:
        await until(lambda: "AMI up" in daemon.said)
        async with await Caller.place(Dial(lab.ports.sip, "18005550107")) as call:
            await call.final()
            await harness.event("UserEvent", UserEvent="AgiScreenSetLevel", Level="elevated")
            await ami.action("UserEvent", UserEvent="AgiScreenSetLevel", Level="siege", For="1h")
            await harness.event("UserEvent", UserEvent="AgiScreenLevel", Level="siege", Was="normal")


async def remember(folder: Path, caller: str) -> None:
    """A caller who talked to an operator yesterday."""
    store = await Store.open(folder / "agi-screen.db", clock=SystemClock())
    yesterday = SystemClock().wall() - 86400
    record = CallerRecord(caller, 2, 300.0, yesterday, 0, 0, 0, 0, 0.0, 0, 0, 0.0, 0, 0, "")
    await store.save_callers([record])
    await store.close()


async def test_in_a_siege_a_known_caller_is_served_before_a_stranger_who_waits_longer(
    lab: Lab, harness: Ami, tmp_path: Path
) -> None:
    await remember(tmp_path, KNOWN)
    with DaemonProcess(lab, tmp_path) as daemon:
        daemon.run("level", "siege")
        async with (
            await Desk.open(lab.ports.operator, operators=1) as desk,
            await Caller.place(Dial(lab.ports.sip, caller=BUSY)) as busy,
        ):
            await busy.final()
            await desk.reached(1)
            async with await waiting(lab, harness, STRANGER), await waiting(lab, harness, KNOWN):
                joined = await harness.event("QueueCallerJoin", CallerIDNum=KNOWN)
                assert joined["Position"] == "1"
                # The stranger may be ringing the desk just now: the second answer from here on is to the known caller.
                answers = desk.busy_answers + 2
                await until(lambda: desk.busy_answers >= answers)
                busy.hang_up()
                served = (await desk.reached(2, 20))[1]
                assert f"{KNOWN}@" in served.caller


async def waiting(lab: Lab, harness: Ami, number: str) -> Caller:
    call = await Caller.place(Dial(lab.ports.sip, caller=number))
    await harness.event("QueueCallerJoin", CallerIDNum=number)
    return call
