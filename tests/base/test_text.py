"""No caller text can make a line, a colour or a field of its own."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.text import MAX_SHOWN, escape, logfmt_value, storable

any_text = st.text(st.characters(), max_size=300)  # surrogates included


@given(any_text)
def test_what_is_shown_is_printable_and_one_line(text: str) -> None:
    shown = escape(text)
    assert shown.isprintable()
    assert shown.splitlines() in ([], [shown])


@given(st.text(st.characters(), max_size=MAX_SHOWN), st.text(st.characters(), max_size=MAX_SHOWN))
def test_different_texts_are_shown_differently(one: str, other: str) -> None:
    assert (escape(one) == escape(other)) == (one == other)


@given(any_text)
def test_length_is_bounded(text: str) -> None:
    assert len(escape(text)) <= MAX_SHOWN * 10 + 20


@given(st.lists(st.text(st.characters(), max_size=40), max_size=5))
def test_a_log_line_falls_apart_into_the_fields_it_was_made_of(values: list[str]) -> None:
    line = " ".join(f"k{n}={logfmt_value(value)}" for n, value in enumerate(values))
    fields = shlex.split(line)
    assert fields == [f"k{n}={escape(value)}".replace("\\\\", "\\") for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bob O'Neil", "Bob O'Neil"),
        ("a\nb", r"a\x0ab"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\u202egnp", r"\u202egnp"),
        ("\u200b\u2028\x85\udcff\U000e0001", r"\u200b\u2028\x85\udcff\U000e0001"),
        ("c:\\n", r"c:\\n"),
        ("José Ñ 李", "José Ñ 李"),
        ("", ""),
    ],
)
def test_escapes(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("value", "written"),
    [("+1415", "+1415"), ("", '""'), ("a b", '"a b"'), ('say "x"', r'"say \"x\""'), ("k=v", '"k=v"')],
)
def test_logfmt_values(value: str, written: str) -> None:
    assert logfmt_value(value) == written


@given(any_text)
def test_storable_text_is_utf8_and_keeps_what_was(text: str) -> None:
    kept = storable(text)
    kept.encode()
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert kept == text.replace("\0", "?")  # PostgreSQL takes no NUL
