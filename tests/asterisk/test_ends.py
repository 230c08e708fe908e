"""The far end on the real Asterisk: the ear hears what is played, people solve by audio alone, all keys arrive."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Iterator, Sequence

import pytest

from tests.asterisk.caller import Caller, Dial, Dtmf
from tests.asterisk.conftest import SITE
from tests.asterisk.ends.hearing import Ear
from tests.asterisk.ends.people import HEARING_IMPAIRED, IMPATIENT, MOTOR_IMPAIRED, Person, Traits
from tests.asterisk.ends.prompts import Prompts
from tests.asterisk.lab import SHIPPED, Lab, LabOptions, free_port
from tests.asterisk.test_person import pressed
from tests.asterisk.until import until
from tests.fakes.fake_daemon import FakeDaemon, verdict

SOUNDS = SHIPPED / "sounds/en/agi-screen"
CAREFUL = Traits(reaction=(0.3, 0.6), slip=0.0)
BEGIN = ("EXEC Progress", "SET VARIABLE TIMEOUT(absolute) 60")
LAST = verdict("reject")
# One endpoint for all kinds of keys: events where they are offered, else tones; INFO is always taken.
ANY_KEYS = {"pjsip_trunk.conf": "dtmf_mode = auto\n", "modules_more.conf": "load = res_pjsip_dtmf_info.so\n"}


@pytest.fixture(scope="session")
def prompts() -> Prompts:
    return Prompts.load({"en": SOUNDS})


@pytest.fixture(scope="module")
def any_keys() -> Iterator[Lab]:
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=SITE, files=ANY_KEYS)) as lab:
        yield lab


def play(*names: str) -> list[str]:
    return [f'STREAM FILE agi-screen/{name} "0123456789*"' for name in names]


def spoken(keys: str) -> list[str]:
    """The names of the digits' sounds, in their first take."""
    takes = {path.stem[0]: f"digits/{path.stem}" for path in sorted((SOUNDS / "digits").iterdir(), reverse=True)}
    return [takes[key] for key in keys]


def wait(count: int, milliseconds: int = 8000) -> list[str]:
    return [f"WAIT FOR DIGIT {milliseconds}"] * count


def dial(lab: Lab, number: int = 0, dtmf: Dtmf = "rfc4733") -> Dial:
    return Dial(lab.ports.sip, caller=f"+1415555{2000 + number}", dtmf=dtmf)


async def person_calls(lab: Lab, prompts: Prompts, traits: Traits, commands: Sequence[str]) -> tuple[Person, str]:
    """One call of a person to a scripted session: who called, and the keys the session got."""
    async with FakeDaemon(lab.options.agi_port, commands=[*BEGIN, *commands, LAST]) as daemon:
        async with await Caller.place(dial(lab)) as call:
            person = Person(call, prompts, traits, random.Random(7))
            await person.run()
        return person, pressed(await daemon.session(20))


async def test_several_ears_hear_exactly_what_is_played(lab: Lab, prompts: Prompts) -> None:
    names = ["press", *spoken("3172"), "again", *spoken("0094"), "passed"]
    commands = [*BEGIN, *play(*names), "WAIT FOR DIGIT 400", LAST]
    async with FakeDaemon(lab.options.agi_port, commands=commands):
        calls = await asyncio.gather(*(Caller.place(dial(lab, n)) for n in range(5)))
        ears = [Ear(prompts) for _ in calls]
        for call, ear in zip(calls, ears, strict=True):
            call.media.heard.listeners.append(ear.hear)
        for call in calls:
            assert await call.final(30) == 403
            call.close()
    for call, ear in zip(calls, ears, strict=True):
        assert [word.name for word in ear.heard] == names
        assert all(word.complete for word in ear.heard)
        assert call.media.heard.lost == 0
        ear.close()


async def test_a_person_solves_by_audio_alone(lab: Lab, prompts: Prompts) -> None:
    commands = [*play("press", *spoken("5027")), *wait(4), *play("passed")]
    for _ in range(
        3
    ):  # a busy machine may lose audio: who has missed a word asks for it again, and nobody answers here
        person, got = await person_calls(lab, prompts, CAREFUL, commands)
        if "*" not in person.keys:
            break
    assert (got, person.keys, person.questions) == ("5027", "5027", ["press 5 0 2 7"])


async def test_a_person_says_how_it_went(lab: Lab, prompts: Prompts) -> None:
    commands = [*BEGIN, *play("press", *spoken("41")), *wait(2), *play("again", *spoken("3")), *wait(1)]
    commands += [*play("passed"), LAST]
    async with FakeDaemon(lab.options.agi_port, commands=commands), await Caller.place(dial(lab)) as call:
        told = await Person(call, prompts, CAREFUL).run()
    assert (told.attempts, told.keys, told.passed, told.ended, told.slips) == (2, "413", True, "passed", 0)
    assert 4 < told.seconds < 20


async def test_who_hears_nothing_presses_nothing_and_patience_ends(lab: Lab, prompts: Prompts) -> None:
    commands = [*play("press", *spoken("41")), *wait(1, 60_000)]
    person, got = await person_calls(lab, prompts, Traits(hears=False, patience=2.0), commands)
    assert HEARING_IMPAIRED.hears is False
    assert (got, person.keys, person.questions) == ("", "", [])
    assert person.call.ended.result() == "ours"


async def test_one_key_is_all_some_can_manage(lab: Lab, prompts: Prompts) -> None:
    person, got = await person_calls(lab, prompts, MOTOR_IMPAIRED, [*play("press", *spoken("52")), *wait(2, 7000)])
    assert (got, person.keys) == ("5", "5")


async def test_the_impatient_press_what_they_have_heard_so_far(lab: Lab, prompts: Prompts) -> None:
    """The first key stops the prompt; the rest of the digits is never heard."""
    person, got = await person_calls(lab, prompts, IMPATIENT, [*play("press", *spoken("9")), *wait(1)])
    assert person.keys == "9"
    assert got in {"9", ""}  # the stream itself took the key where it was not over


@pytest.mark.parametrize("kind", ["rfc4733", "info", "inband"])
async def test_keys_of_each_kind_arrive(any_keys: Lab, kind: Dtmf) -> None:
    commands = [*BEGIN, *wait(5), LAST]
    async with FakeDaemon(any_keys.options.agi_port, commands=commands) as daemon:
        async with await Caller.place(dial(any_keys, dtmf=kind)) as call:
            await call.audible()
            call.media.talk()
            await until(lambda: len(daemon.sessions[0].replies) >= len(BEGIN))
            await call.press("5508*"[:4])
            await call.press("1", hold=3, gap=3)
            assert await call.final() == 403
        assert pressed(await daemon.session()) == "55081"
