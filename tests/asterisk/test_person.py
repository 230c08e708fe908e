"""A person hears a challenge on the phone and presses its keys; the daemon gets exactly these, every time."""

from __future__ import annotations

import asyncio

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear, solve, spoken_digits
from tests.fakes.fake_daemon import FakeDaemon, verdict

LONGER = "SET VARIABLE TIMEOUT(absolute) 30"


def challenge(digits: str, folder: str = "digits") -> tuple[str, str]:
    """Read() plays a list of files in one command, before answer too; GET DATA takes a single file only."""
    files = "&".join(["agi-screen/press", *(f"{folder}/{digit}" for digit in digits)])
    return f'EXEC Read "SCREEN_KEYS,{files},{len(digits)},n,1,3"', "GET VARIABLE SCREEN_KEYS"


@pytest.mark.parametrize("folder", ["digits", "agi-screen/digits"])
async def test_person_hears_and_presses_before_the_answer(lab: Lab, desk: Desk, harness: Ami, folder: str) -> None:
    ear = Ear(harness)
    commands = ["EXEC Progress", LONGER, *challenge("3172", folder), verdict("allow")]
    async with FakeDaemon(lab.options.agi_port, commands=commands) as daemon:
        async with await Caller.place(Dial(lab.ports.sip, caller="+14155550171")) as call:
            assert await solve(call, ear) == "3172"
            assert await call.final() == 200
            await desk.reached(1)
            assert call.codes[:2] == [100, 183]
        session = await daemon.session()
    assert session.replies[3] == "200 result=1 (3172)"


async def test_many_people_at_once_are_told_apart(lab: Lab, desk: Desk, harness: Ami) -> None:
    """The same key twice in a row is in there: 5 5 must not become one press."""
    ear = Ear(harness)
    people = [Dial(lab.ports.sip, caller=f"+1415555{1000 + n}") for n in range(20)]
    commands = ["EXEC Progress", LONGER, *challenge("550"), verdict("allow")]
    async with FakeDaemon(lab.options.agi_port, commands=commands) as daemon:
        calls = await asyncio.gather(*(Caller.place(dial) for dial in people))
        await asyncio.gather(*(solve(call, ear, 20) for call in calls))
        assert [await call.final() for call in calls] == [200] * len(people)
        await desk.reached(len(people))
        for call in calls:
            call.hang_up()
            call.close()
    assert {session.replies[3] for session in daemon.sessions} == {"200 result=1 (550)"}


async def test_silent_caller_presses_nothing(lab: Lab, desk: Desk) -> None:
    commands = ["EXEC Progress", LONGER, "GET DATA agi-screen/digits/1 500 3", verdict("reject")]
    async with FakeDaemon(lab.options.agi_port, commands=commands) as daemon:
        async with await Caller.place(Dial(lab.ports.sip)) as call:
            call.media.talk()
            assert await call.final() == 403
        session = await daemon.session()
    assert session.replies[2] == "200 result= (timeout)"
    assert not desk.calls


def test_digits_of_a_command() -> None:
    assert spoken_digits('EXEC Read "KEYS,agi-screen/press&digits/3&digits/1,2,n,1,3"') == "31"
    assert spoken_digits("GET DATA agi-screen/again&agi-screen/digits/0 3000 1") == "0"
    assert spoken_digits('SAY DIGITS 703 ""') == "703"
    assert spoken_digits('EXEC MSet "SCREEN_SCORE=1.20"') == ""
