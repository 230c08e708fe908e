"""A person hears a challenge on the phone and presses its keys; the daemon gets exactly these, every time."""

from __future__ import annotations

import asyncio

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab
from tests.asterisk.person import Ear, solve, spoken_digits
from tests.fakes.fake_daemon import FakeDaemon, FakeSession, verdict

LONGER = "SET VARIABLE TIMEOUT(absolute) 30"


def challenge(digits: str, folder: str = "digits") -> list[str]:
    """As the daemon asks: file by file, which a key would interrupt, then one wait per key."""
    sounds = ["agi-screen/press", *(f"{folder}/{digit}" for digit in digits)]
    return [f'STREAM FILE {sound} "0123456789"' for sound in sounds] + ["WAIT FOR DIGIT 3000"] * len(digits)


def pressed(session: FakeSession) -> str:
    """The keys the waits of a session gave back."""
    codes = [int(reply[len("200 result=") :]) for reply in session.replies if reply[11:].isdecimal()]
    return "".join(chr(code) for code in codes if code >= ord("0"))


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
    assert pressed(session) == "3172"


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
    assert {pressed(session) for session in daemon.sessions} == {"550"}


async def test_silent_caller_presses_nothing(lab: Lab, desk: Desk) -> None:
    commands = ["EXEC Progress", LONGER, "WAIT FOR DIGIT 500", verdict("reject")]
    async with FakeDaemon(lab.options.agi_port, commands=commands) as daemon:
        async with await Caller.place(Dial(lab.ports.sip, caller="+14155550184")) as call:
            call.media.talk()
            assert await call.final() == 403
        session = await daemon.session()
    assert session.replies[2] == "200 result=0"
    assert not desk.calls_of(call.dial.caller)


def test_digits_of_a_command() -> None:
    assert spoken_digits('EXEC Read "KEYS,agi-screen/press&digits/3&digits/1,2,n,1,3"') == "31"
    assert spoken_digits("GET DATA agi-screen/again&agi-screen/digits/0 3000 1") == "0"
    assert spoken_digits('SAY DIGITS 703 ""') == "703"
    assert spoken_digits('EXEC MSet "SCREEN_SCORE=1.20"') == ""
