"""Our lines in a file of the admin's: whatever the file holds, taking them out gives it back byte for byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scripts.install_.block import END, inside, put, take

LINES = [b"[general](+)", b"enabled = yes", b"#include agi_screen.conf"]
texts = st.binary(max_size=200).filter(lambda text: b"; agi-screen" not in text)


@given(texts)
def test_taken_out_exactly(text: bytes) -> None:
    assert take(put(text, LINES), LINES) == text


@given(texts)
def test_put_twice_is_put_once(text: bytes) -> None:
    once = put(text, LINES)
    assert put(once, LINES) == once
    assert inside(once) == LINES


@given(texts, texts)
def test_what_the_admin_writes_after_it_stays(text: bytes, more: bytes) -> None:
    edited = take(put(text, LINES) + more, LINES)
    assert edited in (text + more, text + b"\n" + more)  # the line end stays where something follows it


@given(texts)
def test_lines_of_the_admin_inside_stay(text: bytes) -> None:
    edited = put(text, LINES).replace(END, b"#include mine.conf\n" + END)
    assert take(edited, LINES).replace(b"#include mine.conf\n", b"") in (text, text + b"\n")


def test_new_lines_take_the_place_of_the_old() -> None:
    first = put(b"[a]", LINES) + b"[b]\n"
    second = put(first, LINES[2:])
    assert inside(second) == LINES[2:]
    assert take(second, LINES[2:]) == b"[a]\n[b]\n"
