"""The AMI client and the call tracker on a real Asterisk, with the shipped account of least privilege."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agi_screen.base.clock import SystemClock
from agi_screen.base.config import Ami
from agi_screen.base.records import CallEnd, Disposition
from agi_screen.inbound.ami import AmiEvent, AmiState
from agi_screen.trail.tracker import CallTracker
from tests.asterisk.ami import Ami as Harness
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.inbound.ami_client import CALM, Watched, ami_table, watched

UNSCREENED = "18005550199"


class Followed(Watched):
    """A client all of whose queue callers are tracked, as if they had just been screened."""

    def __init__(self, table: Ami) -> None:
        super().__init__(table)
        self.ends: asyncio.Queue[CallEnd] = asyncio.Queue()
        self.tracker = CallTracker(lambda end, _: self.ends.put_nowait(end), SystemClock())

    def take(self, event: AmiEvent) -> None:
        if event.name == "QueueCallerJoin":
            self.tracker.started(event.fields["Uniqueid"])
        self.tracker.take(event)
        super().take(event)

    async def until_event(self, name: str) -> AmiEvent:
        while (event := await self.event()).name != name:
            pass
        return event

    async def end(self) -> CallEnd:
        return await asyncio.wait_for(self.ends.get(), 10)


@pytest.fixture
def own_lab(tmp_path: Path) -> Iterator[Lab]:
    """An Asterisk that may be killed; its folder outlives it."""
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), folder=tmp_path)) as running:
        yield running


def kill_and_start(lab: Lab) -> None:
    os.kill(lab.pid, signal.SIGKILL)
    lab.stop()
    lab.start()


@pytest.fixture
async def followed(lab: Lab) -> AsyncIterator[Followed]:
    it = Followed(ami_table(lab.ports.ami, lab.ami_secret))
    await it.client.start()
    await it.until(AmiState.UP)
    yield it
    await it.client.stop()


async def test_least_privilege_account_logs_in_and_its_user_event_is_seen_by_others(lab: Lab, harness: Harness) -> None:
    async with watched(ami_table(lab.ports.ami, lab.ami_secret)) as it:
        assert "AMI " in (await it.until(AmiState.UP)).detail
        it.client.user_event("AgiScreenVerdict", {"Caller": "+1415\r\nEvent: Hangup", "Verdict": "allow"})
        seen = await harness.event("UserEvent", UserEvent="AgiScreenVerdict")
    assert (seen["Caller"], seen["Verdict"]) == ("+1415??Event: Hangup", "allow")


async def test_account_can_do_nothing_to_calls(lab: Lab) -> None:
    async with watched(ami_table(lab.ports.ami, lab.ami_secret)) as it:
        await it.until(AmiState.UP)
        for action in ("Originate", "Hangup", "Command", "Getvar", "Redirect", "Filter"):
            reply = await it.client.action(action, {"Channel": "Local/1@x"})
            assert reply.fields["Message"] == "Permission denied", action
        assert (await it.client.action("Ping", {})).success


async def test_wrong_secret_and_wrong_user_are_told(lab: Lab) -> None:
    for table in (ami_table(lab.ports.ami, "wrong"), ami_table(lab.ports.ami, lab.ami_secret, username="nobody")):
        async with watched(table) as it:
            assert "Authentication failed" in (await it.until(AmiState.WRONG_SECRET)).detail


async def test_account_that_may_not_send_is_told(lab: Lab) -> None:
    table = ami_table(lab.ports.ami, lab.harness_secret, username="harness")
    async with watched(table) as it:
        assert "[harness]" in (await it.until(AmiState.NO_PERMISSION)).detail


async def test_comes_back_after_asterisk_was_killed_and_started_anew(own_lab: Lab) -> None:
    async with watched(ami_table(own_lab.ports.ami, own_lab.ami_secret), CALM) as it:
        await it.until(AmiState.UP)
        await asyncio.to_thread(kill_and_start, own_lab)
        await it.until(AmiState.UP, 30)
        assert AmiState.LOST in {status.state for status in it.statuses}
        it.client.user_event("AgiScreenOpen", {"Error": "refused"})  # its own verdicts do not come back to it
        while (await it.event()).fields.get("UserEvent") != "AgiScreenOpen":
            pass


async def test_call_ended_by_the_operator_is_followed_to_its_end(lab: Lab, followed: Followed) -> None:
    async with (
        await Desk.open(lab.ports.operator, hold=1.0),
        await Caller.place(Dial(lab.ports.sip, UNSCREENED, "+14155550123")) as call,
    ):
        talking = (await followed.until_event("AgentConnect")).fields["Uniqueid"]
        assert followed.tracker.last_call_of("PJSIP/operator") == talking
        assert await call.over() == "theirs"
        end = await followed.end()
    assert (end.uniqueid, end.disposition, end.cause) == (talking, Disposition.TALKED, 16)
    assert (end.queue, end.operator) == ("operators", "PJSIP/operator")
    assert 0.8 < end.talk_time < 1.5
    assert 0 < end.queue_wait < 1.5
    assert len(followed.tracker) == 0


async def test_call_ended_by_the_caller_is_followed_to_its_end(lab: Lab, desk: Desk, followed: Followed) -> None:
    async with await Caller.place(Dial(lab.ports.sip, UNSCREENED, "+14155550124")) as call:
        await followed.until_event("AgentConnect")
        call.hang_up()
        end = await followed.end()
    assert (end.disposition, end.cause, end.operator) == (Disposition.TALKED, 16, "PJSIP/operator")
    assert 0 < end.talk_time < 0.8


async def test_caller_who_leaves_the_queue_is_abandoned(lab: Lab, followed: Followed) -> None:
    async with await Caller.place(Dial(lab.ports.sip, UNSCREENED, "+14155550125")) as call:
        await followed.until_event("QueueCallerJoin")
        call.hang_up()
        end = await followed.end()
    assert (end.disposition, end.queue, end.talk_time, end.operator) == (Disposition.ABANDONED, "operators", 0, "")
    assert 0 < end.queue_wait < 2


async def test_hangup_forged_by_real_sip_ends_nobody_s_call(lab: Lab) -> None:
    """Seen through an account without filters: the shipped ones keep such events away."""
    it = Followed(ami_table(lab.ports.ami, lab.harness_secret, username="harness"))
    await it.client.start()
    await it.until(AmiState.NO_PERMISSION)
    async with await Caller.place(Dial(lab.ports.sip, UNSCREENED, "+14155550126")) as victim:
        uniqueid = (await it.until_event("QueueCallerJoin")).fields["Uniqueid"]
        rides = f"%0D%0A%0D%0AEvent%3A%20Hangup%0D%0APrivilege%3A%20call,all%0D%0AUniqueid%3A%20{uniqueid}%0D%0A%0D%0A"
        forger = Dial(lab.ports.sip, UNSCREENED, from_=f"<sip:+1{rides}@127.0.0.1>")
        async with await Caller.place(forger) as call:
            assert await call.final() == 200
        async with await Caller.place(Dial(lab.ports.sip, UNSCREENED, "+14155550127")):
            await it.until_event("QueueCallerJoin")
        assert it.client.counters.tampered > 0
        assert uniqueid not in {end.uniqueid for end in drained(it.ends)}
        victim.hang_up()
        while (await it.end()).uniqueid != uniqueid:
            pass
    await it.client.stop()


def drained(queue: asyncio.Queue[CallEnd]) -> list[CallEnd]:
    return [queue.get_nowait() for _ in range(queue.qsize())]
