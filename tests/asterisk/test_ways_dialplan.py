"""Where the dialplan takes a caller who did not pass: a real Asterisk, and a fake daemon that says the way."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.fakes.fake_daemon import FakeDaemon, verdict

OWN = """
[from-trunk]
exten => 18005550110,1,Set(SCREEN_WAY=callback)
 same => n,Gosub(agi-screen,s,1)
 same => n,UserEvent(Returned,Way: ${SCREEN_WAY},Prio: ${QUEUE_PRIO})
 same => n,Hangup()
[agi-screen-divert]
exten => s,1,UserEvent(Taken,Exten: s,Way: ${SCREEN_WAY})
 same => n,Hangup(17)
exten => voicemail,1,UserEvent(Taken,Exten: voicemail,Way: ${SCREEN_WAY})
 same => n,Hangup(17)
"""
SPOKEN = ("callback", "redress")


@pytest.fixture(scope="module")
def owned() -> Iterator[Lab]:
    """A lab with the admin's own places for some ways."""
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=OWN)) as running:
        yield running


@pytest.fixture
async def watcher(owned: Lab) -> AsyncIterator[Ami]:
    async with await Ami.login(owned.ports.ami, "harness", owned.harness_secret) as connection:
        yield connection


def diverted(lab: Lab, way: str, *before: str) -> FakeDaemon:
    return FakeDaemon(lab.options.agi_port, commands=[*before, verdict("divert", SCREEN_WAY=way)])


@pytest.mark.parametrize(
    ("way", "extension"), [("voicemail", "voicemail"), ("divert", "s"), ("", "s"), ("V-oice;mail", "s"), ("a", "s")]
)
async def test_the_admin_s_extension_of_that_name_comes_first_then_s(
    owned: Lab, watcher: Ami, way: str, extension: str
) -> None:
    async with diverted(owned, way), await Caller.place(Dial(owned.ports.sip)) as call:
        assert await call.final() == 486
        taken = await watcher.event("UserEvent", UserEvent="Taken")
    assert (taken["Exten"], taken["Way"]) == (extension, way)


async def test_a_goodbye_that_is_wanted_is_ours_though_the_admin_has_s(owned: Lab) -> None:
    async with diverted(owned, "goodbye"), await Caller.place(Dial(owned.ports.sip)) as call:
        assert await call.final() == 200
        assert await call.over(20) == "theirs"
        assert call.media.received > 50


@pytest.mark.parametrize("way", SPOKEN)
async def test_who_was_told_all_there_is_hears_nothing_more(owned: Lab, way: str) -> None:
    async with diverted(owned, way, "ANSWER"), await Caller.place(Dial(owned.ports.sip)) as call:
        assert await call.final() == 200
        assert await call.over(5) == "theirs"
        assert call.media.received < 25, "half a second of audio at most: no second goodbye"


@pytest.mark.parametrize("way", SPOKEN)
async def test_told_before_the_answer_it_is_never_answered(owned: Lab, way: str) -> None:
    early = ("SET VARIABLE TIMEOUT(absolute) 20", "EXEC Progress", 'STREAM FILE agi-screen/passed ""')
    async with diverted(owned, way, *early), await Caller.place(Dial(owned.ports.sip)) as call:
        assert await call.final() == 603
        assert call.codes == [100, 183, 603]


@pytest.mark.parametrize("way", ["", "divert", "voicemail", "goodbye", "nonsense"])
async def test_without_a_place_of_the_admin_s_all_hear_a_goodbye(lab: Lab, desk: Desk, way: str) -> None:
    async with diverted(lab, way), await Caller.place(Dial(lab.ports.sip, caller="+14155550187")) as call:
        assert await call.final() == 200
        assert await call.over(20) == "theirs"
        assert call.media.received > 50
    assert not desk.calls_of(call.dial.caller)


async def test_who_is_served_last_returns_with_that_priority(owned: Lab, watcher: Ami) -> None:
    commands = [verdict("allow", SCREEN_WAY="last", QUEUE_PRIO="-10")]
    daemon = FakeDaemon(owned.options.agi_port, commands=commands)
    async with daemon, await Caller.place(Dial(owned.ports.sip, "18005550110")):
        returned = await watcher.event("UserEvent", UserEvent="Returned")
    assert (returned["Way"], returned["Prio"]) == ("last", "-10")


async def test_a_way_that_stood_there_before_is_none_of_this_call(owned: Lab, watcher: Ami) -> None:
    daemon = FakeDaemon(owned.options.agi_port, commands=[verdict("allow")])
    async with daemon, await Caller.place(Dial(owned.ports.sip, "18005550110")):
        returned = await watcher.event("UserEvent", UserEvent="Returned")
    assert (returned["Way"], returned["Prio"]) == ("", "")
