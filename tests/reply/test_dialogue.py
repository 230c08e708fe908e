"""The talk with a caller as a script: what is said, what is heard, and how it ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.conduct import Attempt
from agi_screen.base.verdict import CaptchaResult
from agi_screen.reply.captcha.challenge import Posed
from agi_screen.reply.captcha.dialogue import Ask, Heard, Passed, Plan, Questions, Say, questions


def believes(_: list[Attempt]) -> bool:
    return True


class Talk:
    """Both sides of one dialogue; the questions are 100, 101, 102 and so on."""

    def __init__(self, attempts: int = 3, silent: int = 3, believed=believes) -> None:  # type: ignore[no-untyped-def]
        self.attempts: list[Attempt] = []
        self.lasts: list[bool] = []
        self.result: Passed | None = None
        self._talk: Questions = questions(Plan(self._pose, believed, attempts, silent), self.attempts)
        self.said: Ask | Say = next(self._talk)

    def _pose(self, attempts: list[Attempt], last: bool) -> Posed:
        self.lasts.append(last)
        wanted = str(100 + len(attempts))
        return Posed("digits", ("press", *wanted), wanted, (1, 2, 3), 0.001)

    @property
    def wanted(self) -> str:
        return str(99 + len(self.lasts))

    def hears(self, keys: str, early: int = 0) -> None:
        try:
            self.said = self._talk.send(Heard(keys, early))
        except StopIteration as end:
            self.result = end.value


def test_the_right_keys_pass_at_once() -> None:
    talk = Talk()
    first = talk.said
    assert first == Ask(("press", "1", "0", "0"), (1, 2, 3))
    talk.hears("100")
    then = talk.said
    assert then == Say(("passed",))
    talk.hears("")
    assert talk.result == Passed(CaptchaResult.PASSED, 0.001)
    assert str(talk.attempts[0]) == "digits:right"


def test_wrong_keys_are_asked_again_with_more_time_and_then_fail() -> None:
    talk = Talk()
    talk.hears("111")
    assert isinstance(talk.said, Ask)
    assert talk.said.patience > 1
    talk.hears("111")
    talk.hears("111")
    assert talk.result is not None
    assert talk.result.result is CaptchaResult.FAILED
    assert talk.lasts == [False, False, True]


def test_silence_ends_it_sooner_where_so_configured() -> None:
    talk = Talk(silent=2)
    talk.hears("")
    talk.hears("")
    assert talk.result is not None
    assert [str(attempt) for attempt in talk.attempts] == ["digits:silent"] * 2
    assert talk.lasts == [False, True]


def test_a_useless_key_is_no_silence() -> None:
    talk = Talk(silent=2)
    talk.hears("", early=1)
    talk.hears("")
    assert talk.result is None


def test_the_last_attempt_counts() -> None:
    talk = Talk()
    talk.hears("")
    talk.hears("999")
    talk.hears(talk.wanted)
    talk.hears("")
    assert talk.result is not None
    assert talk.result.result is CaptchaResult.PASSED


def test_right_keys_that_are_not_believed_are_asked_once_more() -> None:
    talk = Talk(believed=lambda attempts: len(attempts) == 2)
    talk.hears("100")
    assert isinstance(talk.said, Ask)
    talk.hears("101")
    talk.hears("")
    assert talk.result is not None
    assert talk.result.result is CaptchaResult.PASSED


def test_who_is_never_believed_fails() -> None:
    talk = Talk(believed=lambda _: False)
    for _ in range(3):
        talk.hears(talk.wanted)
    assert talk.result == Passed(CaptchaResult.FAILED)


def test_keys_that_were_begun_right_are_told_from_wrong_ones() -> None:
    talk = Talk(attempts=5, silent=5)
    for keys in ("10", "11", "", "103"):
        talk.hears(keys)
    assert [attempt.begun for attempt in talk.attempts] == [True, False, False, False]


@given(keys=st.text(max_size=20))
def test_only_the_keys_asked_for_pass(keys: str) -> None:
    talk = Talk(attempts=1)
    talk.hears(keys)
    assert isinstance(talk.said, Say) == (keys == "100")
