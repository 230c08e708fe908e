"""The ways on of who did not pass, on a real Asterisk with the real daemon: each is had, taken, and recorded."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.ami import Ami, Event
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.person import Ear, spoken_digits
from tests.asterisk.until import until

FIRST, SECOND = "+14155552681", "+14155552682"
QUESTION = 3  # digits
REDRESS = "18005550199"
SITE = """
[from-trunk]
exten => 18005550111,1,Gosub(agi-screen,s,1)
 same => n,UserEvent(Returned,Way: ${SCREEN_WAY},Prio: ${QUEUE_PRIO},Language: ${CHANNEL(language)})
 same => n,Answer()
 same => n,Queue(operators,r,,,60)
[agi-screen-divert]
exten => voicemail,1,UserEvent(Taken,Exten: voicemail)
 same => n,Hangup(16)
"""
RECORD = "SELECT verdict, final_verdict, captcha, way, error, asked FROM calls ORDER BY n"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=SITE)) as running:
        yield running


@pytest.fixture
async def harness(lab: Lab) -> AsyncIterator[Ami]:
    async with await Ami.login(lab.ports.ami, "harness", lab.harness_secret) as connection:
        yield connection


class Sounds:
    """What Asterisk plays, by the caller's number."""

    def __init__(self, ami: Ami) -> None:
        self._commands: list[tuple[str, str]] = []
        ami.listeners.append(self._listen)

    def _listen(self, event: Event) -> None:
        if event.get("Event") == "AGIExecStart":
            self._commands.append((event.get("CallerIDNum", ""), event.get("Command", "")))

    def of(self, number: str) -> list[str]:
        return [command for who, command in self._commands if who == number]

    def played(self, number: str, sound: str) -> bool:
        return any(f"agi-screen/{sound} " in command for command in self.of(number))

    def digits(self, number: str, first: str, last: str = "") -> str:
        """Those spoken from one sound to another."""
        said = "\n".join(self.of(number)).partition(f"agi-screen/{first} ")[2]
        return spoken_digits(said.partition(f"agi-screen/{last} ")[0] if last else said)


class Place:
    """A daemon that puts both callers to the CAPTCHA, once, with a configuration of its own."""

    def __init__(self, lab: Lab, desk: Desk, harness: Ami, daemon: DaemonProcess) -> None:
        self.lab, self.desk, self.harness, self.daemon = lab, desk, harness, daemon
        self.ear, self.sounds = Ear(harness), Sounds(harness)
        for number in (FIRST, SECOND):
            daemon.run("list", "add", "suspect", number, "--reason", "complaints")

    async def call(self, caller: str = FIRST, number: str = "18005550111") -> Caller:
        return await Caller.place(Dial(self.lab.ports.sip, number, caller))

    async def fail(self, call: Caller) -> None:
        """Presses one wrong key after the other."""
        digits = await self.ear.challenge(call.dial.caller, 15)
        await call.press("".join(str((int(digit) + 1) % 10) for digit in digits))

    async def rows(self, count: int = 1) -> list[tuple[Any, ...]]:
        """The records, when there are so many."""
        return await until(lambda: rows if len(rows := self.daemon.query(RECORD)) >= count else False)


@pytest.fixture
def place(lab: Lab, desk: Desk, harness: Ami, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    more = f'attempts = 1\nredress = "{REDRESS}"\n{request.param}'
    with DaemonProcess(lab, tmp_path, more) as running:
        yield Place(lab, desk, harness, running)


def configured(*lines: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("place", ["\n".join(lines)], indirect=True, ids=[lines[0].replace('"', "")])


@configured('on_failure = ["human", "reject"]', 'human_rate = "1/1h"')
async def test_one_operator_an_hour_for_who_pressed_keys(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        await place.desk.reached(1)
    assert place.sounds.played(FIRST, "wait-last")
    async with await place.call(SECOND) as call:
        await place.fail(call)
        assert await call.over() == "theirs"
    assert len(place.desk.calls) == 1
    human, rejected = await place.rows(2)
    assert human == ("challenge", "allow", "failed", "human", "", "digits:wrong")
    assert rejected == ("challenge", "reject", "failed", "reject", "", "digits:wrong")


@configured('on_failure = ["human", "reject"]')
async def test_no_operator_for_who_pressed_nothing(place: Place) -> None:
    async with await place.call() as call:
        assert await call.over(20) == "theirs"
    assert not place.desk.calls
    assert await place.rows() == [("challenge", "reject", "failed", "reject", "", "digits:silent")]


@configured('on_failure = ["callback", "redress", "divert"]')
async def test_a_call_back_is_asked_for_with_a_one_and_found_again(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        await until(lambda: place.sounds.played(FIRST, "callback-offer"))
        await call.press("1")
        assert await call.over() == "theirs"
    assert place.sounds.played(FIRST, "callback-taken")
    assert not any(place.sounds.played(FIRST, more) for more in ("redress", "goodbye-failed"))
    assert await place.rows() == [("challenge", "divert", "failed", "callback", "", "digits:wrong")]
    shown = json.loads(place.daemon.run("calls", "--way", "callback", "--json"))
    assert (shown["caller"], shown["dialled"], shown["asked"]) == (FIRST, "+18005550111", "digits:wrong")
    assert not place.desk.calls


@configured('on_failure = ["callback", "redress", "divert"]')
async def test_who_wants_no_call_back_is_told_where_to_complain_and_the_case(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        assert await call.over(40) == "theirs"
    assert place.sounds.digits(FIRST, "redress", "case") == REDRESS
    case = place.sounds.digits(FIRST, "case")
    (row,) = await place.rows()
    assert row[1:4] == ("divert", "failed", "redress")
    found = json.loads(place.daemon.run("calls", "--case", case, "--json"))
    assert (found["caller"], found["case"]) == (FIRST, case)


@configured('on_failure = ["callback", "divert"]')
async def test_hanging_up_in_the_offer_leaves_what_was_known(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        await until(lambda: place.sounds.played(FIRST, "callback-offer"))
    assert await place.rows() == [("challenge", "challenge", "failed", "", "", "digits:wrong")]
    assert place.daemon.status()["in_captcha"] == 0


@configured('on_failure = ["voicemail"]')
async def test_voicemail_is_the_admin_s(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        await place.harness.event("UserEvent", UserEvent="Taken")
        assert await call.over() == "theirs"
    assert (await place.rows())[0][1:4] == ("divert", "failed", "voicemail")


@configured('on_failure = ["last"]')
async def test_who_is_served_last_reaches_the_queue_with_that_priority(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        returned = await place.harness.event("UserEvent", UserEvent="Returned")
        await place.desk.reached(1)
    assert (returned["Way"], returned["Prio"]) == ("last", "-10")
    assert (await place.rows())[0][1:4] == ("allow", "failed", "last")


@configured('on_failure = ["divert"]', 'on_limit = ["callback", "reject"]', 'per_caller = "1/1h"')
async def test_who_is_offered_no_more_is_offered_a_call_back_and_no_question(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        assert await call.over(20) == "theirs"
    async with await place.call() as call:
        await until(lambda: place.sounds.played(FIRST, "callback-offer"))
        await call.press("1")
        assert await call.over() == "theirs"
    assert (await place.rows(2))[1] == ("challenge", "divert", "skipped", "callback", "captcha_limit", "")


@configured('on_failure = ["divert"]', 'on_limit = ["human", "reject"]', 'per_block = "1/1h"')
async def test_a_block_has_its_limit_and_a_way_without_words_answers_no_call(place: Place) -> None:
    async with await place.call() as call:
        await place.fail(call)
        await call.over(20)
    async with await place.call(SECOND) as call:
        assert await call.final() == 403
        assert call.codes == [100, 403]
    assert (await place.rows(2))[1] == ("challenge", "reject", "skipped", "reject", "captcha_limit", "")


@configured('on_failure = ["divert"]', 'on_full = ["last"]', "max_concurrent = 1")
async def test_a_full_captcha_shows_its_way_at_once(place: Place) -> None:
    async with await place.call() as first:
        await place.ear.challenge(FIRST)
        async with await place.call(SECOND):
            returned = await place.harness.event("UserEvent", UserEvent="Returned")
            await place.desk.reached(1)
        first.hang_up()
    assert (returned["Way"], returned["Prio"]) == ("last", "-10")
    assert len(place.sounds.of(SECOND)) == 1, "nothing but the verdict"
    assert ("challenge", "allow", "skipped", "last", "captcha_full", "") in await place.rows(2)


@pytest.mark.parametrize(
    "place",
    ['media = "early"\non_failure = ["reject"]', 'early_trunks = ["PJSIP/trunk"]\non_failure = ["reject"]'],
    indirect=True,
    ids=["media", "early_trunks"],
)
async def test_asked_before_the_answer_who_passes_is_answered_then_and_who_fails_never(place: Place) -> None:
    async with await place.call() as call:
        assert await call.audible() == 183
        await call.press(await place.ear.challenge(FIRST))
        assert await call.final() == 200
        await place.desk.reached(1)
        assert call.codes == [100, 183, 200]
    async with await place.call(SECOND) as call:
        await place.fail(call)
        assert await call.final() == 403
        assert call.codes == [100, 183, 403]
    assert [row[1:4] for row in await place.rows(2)] == [("allow", "passed", ""), ("reject", "failed", "reject")]


@configured('did_languages = { "+18005550111" = "es" }', 'on_failure = ["reject"]')
async def test_the_language_of_the_dialled_number_stays_with_the_call(place: Place) -> None:
    async with await place.call() as call:
        await call.press(await place.ear.challenge(FIRST))
        returned = await place.harness.event("UserEvent", UserEvent="Returned")
    assert returned["Language"] == "es"


@configured('offer = ["es", "fr"]', 'on_failure = ["reject"]')
async def test_a_language_is_chosen_by_its_key(place: Place) -> None:
    async with await place.call() as call:
        await until(lambda: place.sounds.played(FIRST, "choose") and place.sounds.digits(FIRST, "choose") == "2")
        await until(lambda: len(place.sounds.digits(FIRST, "choose")) == 2)
        await call.press("3")
        while len(heard := await place.ear.challenge(FIRST)) < QUESTION:  # the keys named before are heard too
            pass
        await call.press(heard[-QUESTION:])
        returned = await place.harness.event("UserEvent", UserEvent="Returned")
    assert returned["Language"] == "fr"


@configured('on_failure = ["reject"]')
async def test_a_person_who_answers_at_once_is_through_in_under_twelve_seconds(place: Place) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with await place.call() as call:
        for key in await place.ear.challenge(FIRST):
            await call.press(key)
        await place.harness.event("UserEvent", UserEvent="Returned")
        assert loop.time() - began < 12
    ((took,),) = await until(lambda: place.daemon.query("SELECT captcha_time FROM calls"))
    assert 3 < took < 12


@configured('on_failure = ["reject"]', "[challenges.digits]", "digits = 1", "[signals.captcha_history]", "weight = 0")
async def test_a_weak_question_is_worth_one_call(place: Place) -> None:
    for _ in range(2):
        reached = len(place.desk.calls)
        async with await place.call() as call:
            await call.press(await place.ear.challenge(FIRST))
            await place.desk.reached(reached + 1)
        async with await place.call():
            await place.desk.reached(reached + 2)
    assert [row[2] for row in await place.rows(4)] == ["passed", "skipped"] * 2
