"""Which question comes: by level and attempt, never twice the same in a row, the easy one only for who needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest

from agi_screen.base.conduct import Attempt
from agi_screen.base.verdict import Level
from agi_screen.reply.captcha.challenge import Posed
from agi_screen.reply.captcha.picker import Picker
from tests.reply.shipped import CHALLENGES

CALLER = "+14155552671"
SILENT, WRONG = Attempt("digits"), Attempt("digits", keys=3)
BEGUN, RIGHT = Attempt("digits", keys=1, begun=True), Attempt("digits", right=True, keys=3)


def pose(picker: Picker, before: Sequence[Attempt] = (), level: Level = Level.NORMAL, *, easy: bool = True) -> Posed:
    return picker.pose(CALLER, level, before, last=len(before) == 2, easy=lambda: easy)


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        (Level.NORMAL, {"digits", "leave_out"}),
        (Level.SIEGE, {"digits", "leave_out"}),
    ],
)
def test_the_level_chooses_among_the_kinds(level: Level, kinds: set[str]) -> None:
    picker = Picker(CHALLENGES)
    assert {pose(picker, level=level).kind for _ in range(300)} == kinds


def test_no_kind_is_asked_twice_in_a_row_of_the_same_caller() -> None:
    picker = Picker(CHALLENGES)
    kinds = [pose(picker).kind for _ in range(300)]
    assert all(one != other for one, other in pairwise(kinds))


def test_no_question_is_asked_twice_in_a_row_even_of_one_kind() -> None:
    picker = Picker([challenge for challenge in CHALLENGES if challenge.name in ("digits", "one_key")])
    asked = [pose(picker).wanted for _ in range(5_000)]
    assert all(one != other for one, other in pairwise(asked))


def test_of_the_same_kind_the_callers_do_not_disturb_each_other() -> None:
    picker = Picker(CHALLENGES)
    drawn = Counter(
        picker.pose(f"+1415555{n:04d}", Level.SIEGE, (), last=False, easy=lambda: True).kind for n in range(2_000)
    )
    assert min(drawn.values()) > 800


@pytest.mark.parametrize(
    ("before", "opening", "slowly"),
    [
        ((WRONG,), "again", True),
        ((SILENT,), "no-input", True),
        ((RIGHT,), "more", False),
        ((WRONG, RIGHT), "more", False),
    ],
)
def test_later_attempts_are_plain_digits(before: tuple[Attempt, ...], opening: str, slowly: bool) -> None:
    posed = pose(Picker(CHALLENGES), before, easy=False)
    assert (posed.kind, posed.words[0]) == ("digits", opening)
    assert ("once-more" in posed.words) is slowly


@pytest.mark.parametrize(
    ("before", "helped"),
    [
        ((BEGUN, SILENT), True),
        ((WRONG, BEGUN), True),
        ((SILENT, SILENT), True),
        ((WRONG, WRONG), False),  # a guesser
        ((SILENT,), False),  # not the last attempt
        ((RIGHT, RIGHT), False),  # a machine that is not believed
    ],
)
def test_one_key_is_for_who_could_not_press_several(before: tuple[Attempt, ...], helped: bool) -> None:
    assert (pose(Picker(CHALLENGES), before).kind == "one_key") is helped
    assert pose(Picker(CHALLENGES), before, easy=False).kind == "digits"


def test_a_level_without_any_challenge_asks_for_digits() -> None:
    picker = Picker([c for c in CHALLENGES if c.name in ("digits", "one_key")])
    picker._at = {level: [] for level in Level}
    assert pose(picker).kind == "digits"
