"""Robots on the real Asterisk: each does what it says, and Asterisk sees it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller
from tests.asterisk.ends import robots
from tests.asterisk.ends.recogniser import RecogniserRobot
from tests.asterisk.ends.robots import Answers, Robot, RobotCall
from tests.asterisk.lab import Lab, LabOptions, free_port
from tests.asterisk.mulaw import Samples
from tests.asterisk.test_ends import BEGIN, LAST, dial, play, spoken, wait
from tests.asterisk.test_person import pressed
from tests.fakes.fake_daemon import FakeDaemon, FakeSession

TALK = 'SET VARIABLE "TALK_DETECT(set)" "500"'
TONES = {"modules_more.conf": "load = res_tonedetect.so\n"}
QUESTION = [*play("press", *spoken("31")), *wait(2, 3000)]
Made = Callable[[Caller], Robot]


async def robot_calls(lab: Lab, made: Made, commands: list[str]) -> tuple[RobotCall, FakeSession]:
    """One robot's call to a scripted session."""
    async with FakeDaemon(lab.options.agi_port, commands=[*BEGIN, *commands, LAST]) as daemon:
        async with await Caller.place(dial(lab, 50)) as call:
            told = await made(call).run()
        return told, await daemon.session(20)


async def test_a_replayed_pitch_is_talk_over_our_prompt(lab: Lab, harness: Ami) -> None:
    pitch = robots.pitch("power-cut")
    told, _ = await robot_calls(lab, lambda call: robots.ReplayRobot(call, pitch), [TALK, *QUESTION])
    await harness.event("ChannelTalkingStart", CallerIDNum="+14155552050")
    assert (told.status, told.keys) == (403, "")
    assert told.utterances >= 1


async def test_silence_is_no_talk(lab: Lab, harness: Ami) -> None:
    told, session = await robot_calls(lab, robots.SilentRobot, [TALK, *QUESTION])
    assert not [event for event in harness.events if event.get("Event") == "ChannelTalkingStart"]
    assert (pressed(session), told.ended) == ("", "refused")


async def test_a_guesser_presses_as_many_keys_once_it_was_spoken_to(lab: Lab) -> None:
    told, session = await robot_calls(lab, lambda call: robots.GuessingRobot(call, 2), QUESTION)
    assert pressed(session) == told.keys
    assert len(told.keys) == 2


async def test_an_early_key_comes_before_the_question_is_over(lab: Lab) -> None:
    _, session = await robot_calls(lab, robots.FixedKeyRobot, QUESTION)
    assert session.replies[len(BEGIN)].startswith("200 result=49 endpos=")


async def test_a_flood_of_keys_arrives(lab: Lab) -> None:
    told, session = await robot_calls(lab, robots.FloodRobot, wait(30, 2000))
    got = pressed(session)
    assert len(got) == 30
    assert got in told.keys


async def test_earlier_answers_are_tried_again(lab: Lab) -> None:
    answers = Answers()
    answers.passed.append("31")
    told, session = await robot_calls(lab, lambda call: robots.EchoRobot(call, answers), QUESTION)
    assert (pressed(session), told.keys, list(answers.pressed)) == ("31", "31", ["31"])


async def test_who_wants_no_prompt_hangs_up(lab: Lab) -> None:
    told, session = await robot_calls(lab, robots.HangupRobot, QUESTION)
    assert (told.ended, told.utterances) == ("ours", 1)
    assert told.seconds < 2
    assert session.replies[-1].startswith("HANGUP")


@pytest.fixture(scope="module")
def tones() -> Iterator[Lab]:
    with Lab(LabOptions(agi_port=free_port(socket.SOCK_STREAM), files=TONES)) as lab:
        yield lab


@pytest.mark.parametrize(("hertz", "answering"), [(1100, False), (2100, True)])
async def test_fax_tones_are_heard_as_such(tones: Lab, hertz: int, answering: bool) -> None:
    def made(call: Caller) -> Robot:
        return robots.FaxRobot(call, answering=answering)

    look = 'GET VARIABLE "TONE_DETECT(rx)"'
    detect = f'SET VARIABLE "TONE_DETECT({hertz},300,r)" "x"'
    _, session = await robot_calls(tones, made, [detect, *play("press"), look])
    assert session.replies[-2] == "200 result=1 (1)"


async def test_a_recogniser_gets_the_audio_and_its_text_becomes_keys(lab: Lab) -> None:
    """What stands in for the engine here only looks at how much it was given; real ones are measured elsewhere."""
    lengths: list[int] = []

    def fake_recognise(samples: Samples, language: str) -> str:
        lengths.append(len(samples))
        return "To reach us, press these keys: three, one."

    told, session = await robot_calls(lab, lambda call: RecogniserRobot(call, fake_recognise), QUESTION)
    assert (pressed(session), told.keys) == ("31", "31")
    assert lengths[0] > 8000
