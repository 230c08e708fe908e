"""Pseudonyms: the same number is the same one however it is written, and nothing but its beginning can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import NumberKind
from agi_screen.base.masking import masked_text
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.pseudonym import Pseudonyms, beginning, is_pseudonym, key_bytes, number_of, short_form

KEY = b"k" * 32
NUMBER = "+14155552671"


def plan(key: bytes = KEY, prefix: int = 7) -> NumberPlan:
    return NumberPlan("US", 100, Pseudonyms(key, prefix))


@pytest.mark.parametrize("written", ["4155552671", "14155552671", "+1 (415) 555-2671", NUMBER])
def test_one_number_one_pseudonym(written: str) -> None:
    assert plan().number(written).known_as == plan().number(NUMBER).alias


def test_another_key_another_pseudonym() -> None:
    assert plan(b"x" * 32).number(NUMBER).alias[8:] != plan().number(NUMBER).alias[8:]


@given(st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True), st.integers(0, 9))
def test_the_last_digits_never_stand_in_it(raw: str, prefix: int) -> None:
    number = plan(prefix=prefix).number(raw)
    alias = number.alias
    assert is_pseudonym(alias)
    assert alias[-1].isdigit()  # as every number that can be known again
    start = alias.partition("~")[0]
    assert number.e164.startswith(start)
    assert len(start) <= max(0, len(number.e164) - 4)
    assert len(start.lstrip("+")) <= prefix
    again = number_of(alias)
    assert again is not None
    assert (again.kind, again.known_as, len(again.e164)) == (
        number.kind,
        alias,
        len(number.e164) if start else 0,
    )


@pytest.mark.parametrize(
    ("raw", "alias"), [("anonymous", "anonymous"), ("", "absent"), ("Restricted", "anonymous"), ("unknown", "absent")]
)
def test_no_number_has_the_word_for_it(raw: str, alias: str) -> None:
    assert plan().number(raw).alias == alias


def test_a_caller_who_sends_a_pseudonym_is_not_taken_for_its_owner() -> None:
    alias = plan().number(NUMBER).alias
    assert plan().written(alias).alias == alias
    sent = plan().number(alias)
    assert sent.kind is NumberKind.INVALID
    assert sent.alias != alias


def test_blocks_of_a_pseudonym() -> None:
    alias = plan().number(NUMBER).alias
    assert [beginning(who, 4) for who in (NUMBER, alias)] == ["+1415555"] * 2
    assert [beginning(who, 7) for who in (NUMBER, alias)] == ["+1415"] * 2
    assert beginning(alias, 3) == "+1415555"  # no deeper than it tells
    assert beginning(plan().number("123").alias, 4) == ""


def test_people_see_a_short_form() -> None:
    alias = plan().number(NUMBER).alias
    assert short_form(alias) == f"+1415555~{alias[11:17]}"
    assert short_form(NUMBER) == NUMBER
    assert masked_text(alias) == alias or "•" in masked_text(alias)


def test_keys() -> None:
    assert key_bytes("ab" * 32 + "\n") == bytes.fromhex("ab" * 32)
    assert key_bytes("a text of more than thirty-two bytes") == b"a text of more than thirty-two bytes"
    with pytest.raises(ValueError, match="32 bytes") as said:
        key_bytes("short secret")
    assert "short secret" not in str(said.value)
    assert KEY.decode() not in repr(Pseudonyms(KEY, 7))
