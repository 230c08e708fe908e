"""Every challenge: what is said leads to what is wanted, and no guesser is right more often than it says."""

from __future__ import annotations

from collections import Counter

import pytest

from agi_screen.base.toml_file import DEFAULTS, read_tables
from agi_screen.reply.captcha.challenge import Posed
from agi_screen.reply.captcha.prompts import DIGITS, SENTENCES
from agi_screen.reply.captcha.registry import AnyChallenge, build_challenges

TABLES = read_tables(DEFAULTS)[0]["challenges"]
CHALLENGES, PROBLEMS = build_challenges(TABLES, "defaults.toml", {})
BY_NAME = {challenge.name: challenge for challenge in CHALLENGES}
NTH = {"nth-first": 0, "nth-second": 1, "nth-last": 2}


def understood(words: tuple[str, ...]) -> str:
    """What a person presses who hears these words."""
    if "once-more" in words:
        words = words[: words.index("once-more")]
    sentence, digits = words[0], "".join(word for word in words if word in DIGITS)
    if sentence == "sum":
        return str(int(digits[0]) + int(digits[1]))
    if sentence in NTH:
        return digits[NTH[sentence]]
    return digits.replace(digits[0], "") if sentence == "except" else digits


def posed(challenge: AnyChallenge) -> list[Posed]:
    return [pose("press") for _ in range(300) for pose in (challenge.pose, challenge.slowly)]


def test_the_shipped_tables_are_right() -> None:
    assert not PROBLEMS
    assert set(BY_NAME) == {"digits", "sum_of_two", "one_of_three", "leave_out", "one_key"}


@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda challenge: challenge.name)
class TestEach:
    def test_a_listener_knows_what_is_wanted(self, challenge: AnyChallenge) -> None:
        assert all(understood(question.words) == question.wanted for question in posed(challenge))

    def test_every_word_is_one_of_the_prompts(self, challenge: AnyChallenge) -> None:
        words = {word for question in posed(challenge) for word in question.words}
        assert words <= {*SENTENCES, *DIGITS}

    def test_each_key_is_known_from_a_word_that_tells_it(self, challenge: AnyChallenge) -> None:
        for question in posed(challenge):
            assert len(question.known) == len(question.wanted)
            assert list(question.known) == sorted(question.known)
            assert all(question.words[place] in DIGITS for place in question.known)
            if challenge.name != "sum_of_two":  # its answer is not said
                told = "".join(question.words[place] for place in question.known)
                assert told == question.wanted

    def test_no_answer_comes_more_often_than_its_chance(self, challenge: AnyChallenge) -> None:
        drawn = Counter(challenge.pose("press").wanted for _ in range(20_000))
        likeliest = drawn.most_common(1)[0][1] / 20_000
        chance = challenge.pose("press").chance
        assert likeliest < chance + 5 * (chance / 20_000) ** 0.5 + 0.0005

    def test_questions_differ(self, challenge: AnyChallenge) -> None:
        assert len({question.words for question in posed(challenge)}) > 8


def test_a_wrong_table_is_named_with_its_mend() -> None:
    _, problems = build_challenges({"sum_of_two": {"levels": [], "least": 9, "most": 5}, "digit": {}}, "x.toml", {})
    assert [problem.field for problem in problems] == ["challenges.digit", "challenges.sum_of_two"]
    assert "did you mean 'digits'?" in problems[0].mend
    assert "most must not be under least" in problems[1].mend


def test_later_attempts_are_said_slowly_and_twice() -> None:
    question = BY_NAME["digits"].slowly("again")
    a, b, c = list(question.wanted)
    assert question.words == ("again", a, "pause", b, "pause", c, "pause", "once-more", a, "pause", b, "pause", c)
