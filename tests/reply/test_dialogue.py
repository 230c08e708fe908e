"""The talk with a caller as a script: `<<` what is said, `>>` what is heard."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.verdict import CaptchaResult
from agi_screen.reply.captcha.dialogue import Ask, Dialogue, Prompts, Say, dialogue, random_digits

PROMPTS = Prompts("agi-screen", "digits")


class Talk:
    """Both sides of one dialogue."""

    def __init__(self, talk: Dialogue) -> None:
        self._talk = talk
        self.said: Ask | Say = next(talk)
        self.result: CaptchaResult | None = None

    def hears(self, keys: str) -> None:
        try:
            self.said = self._talk.send(keys)
        except StopIteration as end:
            self.result = end.value

    @property
    def wanted(self) -> str:
        """What a person understands from the sounds."""
        assert isinstance(self.said, Ask)
        return "".join(sound.rpartition("/")[2] for sound in self.said.sounds[1:])

    @property
    def wrong(self) -> str:
        return str((int(self.wanted[0]) + 1) % 10) + self.wanted[1:]


def test_the_right_keys_pass_at_once() -> None:
    talk = Talk(dialogue(PROMPTS, 3, 3))
    question = talk.said
    assert isinstance(question, Ask)  # << please press … >>
    assert question.sounds[0] == "agi-screen/press"
    assert question.keys == 3
    talk.hears(talk.wanted)
    assert talk.said == Say("agi-screen/passed")  # << thank you
    talk.hears("")
    assert talk.result is CaptchaResult.PASSED


def test_wrong_keys_are_asked_again_with_other_digits_and_then_fail() -> None:
    talk = Talk(dialogue(PROMPTS, 8, 3))
    first = talk.wanted
    talk.hears(talk.wrong)
    assert isinstance(talk.said, Ask)
    assert talk.said.sounds[0] == "agi-screen/again"
    assert talk.wanted != first  # 8 digits: alike once in 10^8
    talk.hears(talk.wrong)
    talk.hears(talk.wrong)
    assert talk.result is CaptchaResult.FAILED


def test_silence_gets_another_prompt_and_then_fails() -> None:
    talk = Talk(dialogue(PROMPTS, 3, 2))
    talk.hears("")
    assert isinstance(talk.said, Ask)
    assert talk.said.sounds[0] == "agi-screen/no-input"
    talk.hears("")
    assert talk.result is CaptchaResult.FAILED


def test_the_last_attempt_counts() -> None:
    talk = Talk(dialogue(PROMPTS, 3, 3))
    talk.hears("")
    talk.hears(talk.wrong)
    talk.hears(talk.wanted)
    talk.hears("")
    assert talk.result is CaptchaResult.PASSED


@given(keys=st.text(max_size=20), digits=st.integers(1, 8))
def test_only_the_digits_asked_for_pass(keys: str, digits: int) -> None:
    talk = Talk(dialogue(PROMPTS, digits, 1))
    wanted = talk.wanted
    talk.hears(keys)
    assert isinstance(talk.said, Say) == (keys == wanted)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_digits_are_of_their_length_and_differ(count: int) -> None:
    drawn = {random_digits(count) for _ in range(200)}
    assert all(re.fullmatch(rf"\d{{{count}}}", digits) for digits in drawn)
    assert len(drawn) > 5
