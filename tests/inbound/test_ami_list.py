"""QueueStatus: a list of events that answers an action, apart from the events of calls."""

from __future__ import annotations

import asyncio

import pytest

from agi_screen.inbound.ami import AmiError, AmiState
from agi_screen.inbound.ami_listing import parse_listed
from agi_screen.inbound.ami_types import QUEUES
from tests.fakes.fake_ami import FakeAmi
from tests.fakes.fake_ami import event as an_event
from tests.inbound.ami_client import CALM, QUICK, Watched, ami_table, watched

LISTED = (
    b"Event: QueueParams\r\nQueue: desk\r\nCalls: 1\r\n\r\n"
    b"Event: QueueMember\r\nQueue: desk\r\nLocation: PJSIP/1\r\nPausedReason:\r\n\r\n"
    b"Event: QueueEntry\r\nQueue: desk\r\nUniqueid: 1.1\r\nWait: 7\r\n\r\n"
    b"Event: QueueStatusComplete\r\nEventList: Complete\r\n\r\n"
)


async def test_a_list_comes_whole_and_calls_go_on_beside_it() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        await it.until(AmiState.UP)
        ami.listed = LISTED
        events = await it.client.ask_list(QUEUES)
        assert [one.name for one in events] == ["QueueParams", "QueueMember", "QueueEntry"]
        assert events[2].fields["Wait"] == "7"
        await ami.send(an_event("Hangup", Uniqueid="1.2", Cause="16"))
        assert (await it.event()).name == "Hangup"
        assert it.client.counters.tampered == 0


async def test_forged_lines_take_their_event_with_them() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        await it.until(AmiState.UP)
        ami.listed = LISTED.replace(b"Wait: 7", b"Wait: 7\r\nWait: 90000").replace(b"Calls: 1", b"no header")
        assert [one.name for one in await it.client.ask_list(QUEUES)] == ["QueueMember"]
        assert it.client.counters.tampered == 2


async def test_an_event_of_somebody_else_s_list_is_none_of_ours() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port), QUICK) as it:
        await it.until(AmiState.UP)
        ami.silent = True
        asked = asyncio.create_task(it.client.ask_list(QUEUES))
        await ami.action("QueueStatus")
        await ami.send(LISTED.replace(b"\r\n\r\n", b"\r\nActionID: QueueStatus-guessed\r\n\r\n"))
        with pytest.raises(AmiError, match="no whole answer"):
            await asked


async def test_a_refused_list_is_said_at_once() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port), CALM) as it:
        await it.until(AmiState.UP)
        with pytest.raises(AmiError):
            await asyncio.wait_for(it.client.ask_list(QUEUES), CALM.answer / 2)


async def test_no_list_without_a_connection() -> None:
    with pytest.raises(AmiError, match="AMI is off"):
        await Watched(ami_table(1)).client.ask_list(QUEUES)


async def test_a_connection_lost_in_the_middle_ends_the_wait() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port), CALM) as it:
        await it.until(AmiState.UP)
        ami.silent = True
        asked = asyncio.create_task(it.client.ask_list(QUEUES))
        await ami.action("QueueStatus")
        ami.hang_up()
        with pytest.raises(AmiError):
            await asyncio.wait_for(asked, CALM.answer / 2)


def test_an_empty_value_is_a_value() -> None:
    assert parse_listed("Event: QueueMember\r\nPausedReason:\r\nPaused: 0") == {
        "Event": "QueueMember",
        "PausedReason": "",
        "Paused": "0",
    }
