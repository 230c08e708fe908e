"""The dialogue played over AGI: which commands go out, and what each kind of reply means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agi_screen.base.agi_wire import Reply
from agi_screen.base.config import Captcha
from agi_screen.base.verdict import CaptchaResult
from agi_screen.reply.captcha.ivr import Ivr, PromptError, Talk, languages_with_digits, pressed
from agi_screen.settings import load

OK = Reply(200, "0", "endpos=1000")


@pytest.fixture
def captcha(tmp_path: Path) -> Captcha:
    (tmp_path / "agi-screen.toml").write_text(f'[captcha]\ncore_sounds = "{tmp_path}"')
    return load(tmp_path / "agi-screen.toml").config.captcha


class FakeAsterisk:
    """Answers each command by a rule; keeps the commands. The real one stands in tests/asterisk."""

    def __init__(self, rule: Callable[[str], Reply]) -> None:
        self.commands: list[str] = []
        self._rule = rule

    def hear(self, talk: Talk) -> CaptchaResult:
        """Runs a talk to its end."""
        try:
            line, within = next(talk)
            while True:
                assert within > 0
                self.commands.append(line.decode().strip())
                line, within = talk.send(self._rule(self.commands[-1]))
        except StopIteration as end:
            result: CaptchaResult = end.value
            return result

    @property
    def spoken(self) -> str:
        """The digits since the last question began."""
        digits = ""
        for command in self.commands:
            if command.startswith("STREAM FILE"):
                sound = command.split()[2].rpartition("/")[2]
                digits = digits + sound if sound.isdecimal() else ""
        return digits


def test_a_person_who_waits_and_presses(captcha: Captcha) -> None:
    pressed_so_far = 0

    def rule(command: str) -> Reply:
        nonlocal pressed_so_far
        if command.startswith("WAIT FOR DIGIT"):
            pressed_so_far += 1
            return Reply(200, str(ord(asterisk.spoken[pressed_so_far - 1])))
        return OK

    asterisk = FakeAsterisk(rule)
    assert asterisk.hear(Ivr(captcha).run("en")) is CaptchaResult.PASSED
    assert asterisk.commands[:3] == [
        "SET VARIABLE TIMEOUT(absolute) 30",  # before anything that takes time
        "ANSWER",
        "STREAM FILE agi-screen/press 0123456789*#",
    ]
    assert asterisk.commands[-1] == 'STREAM FILE agi-screen/passed ""'


def test_silence_fails_after_the_attempts_and_each_has_its_time(captcha: Captcha) -> None:
    asterisk = FakeAsterisk(lambda _: OK)
    assert asterisk.hear(Ivr(captcha).run("en")) is CaptchaResult.FAILED
    assert asterisk.commands.count("WAIT FOR DIGIT 5000") == captcha.attempts
    assert asterisk.commands.count("SET VARIABLE TIMEOUT(absolute) 30") == captcha.attempts


def test_a_key_ends_the_playing(captcha: Captcha) -> None:
    def rule(command: str) -> Reply:
        return Reply(200, "49", "endpos=80") if command.startswith("STREAM FILE agi-screen/press") else OK

    asterisk = FakeAsterisk(rule)
    asterisk.hear(Ivr(captcha.model_copy(update={"attempts": 1})).run("en"))
    assert asterisk.commands[3:] == ["WAIT FOR DIGIT 5000"]


@pytest.mark.parametrize("reply", [Reply(200, "0", "endpos=0"), Reply(200, "-1", "endpos=0"), Reply(510)])
def test_a_prompt_that_cannot_be_played_judges_nobody(captcha: Captcha, reply: Reply) -> None:
    ivr = Ivr(captcha)
    asterisk = FakeAsterisk(lambda command: reply if command.startswith("STREAM") else OK)
    with pytest.raises(PromptError, match="prompts installed"):
        asterisk.hear(ivr.run("en"))
    assert ivr.running == 0


def test_core_digits_are_used_where_they_are_installed(captcha: Captcha, tmp_path: Path) -> None:
    assert Ivr(captcha)._prompts("en").digits == "agi-screen/digits"
    (tmp_path / "en/digits").mkdir(parents=True)
    ivr = Ivr(captcha)
    assert ivr._prompts("en").digits == "digits"
    assert ivr._prompts("../../etc").digits == "agi-screen/digits"
    assert languages_with_digits(str(tmp_path / "none")) == frozenset()


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (Reply(200, "49"), "1"),
        (Reply(200, "42"), "*"),
        (Reply(200, "0"), ""),
        (Reply(200, "-1"), ""),
        (Reply(200, "65"), ""),
        (Reply(510, "49"), ""),
        (Reply(200, "²"), ""),
    ],
)
def test_keys_come_as_ascii_codes(reply: Reply, key: str) -> None:
    assert pressed(reply) == key
