"""The CAPTCHA as the centre sees it: who passes, and how long lines are held."""

from __future__ import annotations

from random import Random
from statistics import fmean

import pytest

from agi_screen.base.verdict import CaptchaResult
from agi_screen.settings import Settings
from agi_screen.what_if.simulate.captcha_room import CaptchaRoom
from agi_screen.what_if.simulate.run import settings_of
from agi_screen.what_if.simulate.scenario import CaptchaOfPeople

SETTINGS: Settings = settings_of(None)


def room(digits: int = 3, **changes: object) -> CaptchaRoom:
    captcha = SETTINGS.config.captcha.model_copy(update={"silent_attempts": 3, **changes})
    asked = {"digits": {"digits": digits}}
    return CaptchaRoom(SETTINGS.config.model_copy(update={"captcha": captcha, "challenges": asked}), Random(1))


def test_silence_holds_a_line_for_every_attempt_and_never_passes() -> None:
    found = room(digits=3, attempts=3, key_time=5.0).robot("silent", 0.9)
    assert found.result is CaptchaResult.FAILED
    assert 40 < found.seconds < 45
    assert room(attempts=2).robot("silent", 0.9).seconds < found.seconds


@pytest.mark.parametrize(("digits", "share"), [(1, 0.27), (3, 0.003)])
def test_guessing_passes_once_in_ten_to_the_digits_an_attempt(digits: int, share: float) -> None:
    guessed = room(digits=digits, attempts=3)
    passed = [guessed.robot("guess", 0.0).result is CaptchaResult.PASSED for _ in range(20_000)]
    assert fmean(passed) == pytest.approx(share, rel=0.35)


def test_recogniser_passes_as_often_as_it_recognises() -> None:
    one = room(attempts=1)
    passed = [one.robot("recognise", 0.9).result is CaptchaResult.PASSED for _ in range(5000)]
    assert fmean(passed) == pytest.approx(0.9, abs=0.02)


def test_people_pass_but_for_those_who_cannot_or_will_not() -> None:
    ways = CaptchaOfPeople(right=0.97, no_keys=0.02, hang_up=0.03)
    asked = room()
    results = [asked.person(ways).result for _ in range(20_000)]
    assert results.count(CaptchaResult.HUNGUP) / 20_000 == pytest.approx(0.03, abs=0.005)
    assert results.count(CaptchaResult.FAILED) / 20_000 == pytest.approx(0.02, abs=0.005)
