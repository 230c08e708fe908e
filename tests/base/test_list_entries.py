"""What an admin may write in a list, and what the refusal of the rest says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.errors import ListEntryError
from agi_screen.base.list_entries import grouped, parse_entry, pattern_regex
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.base.text import escape
from tests.made import an_entry

NUMBER = NumberPlan("US", 100).number


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("+14155550100", MatchKind.NUMBER, "+14155550100"),
        ("4155550100", MatchKind.NUMBER, "+14155550100"),
        (" (415) 555-0100 ", MatchKind.NUMBER, "+14155550100"),
        ("101", MatchKind.NUMBER, "101"),
        ("+1415*", MatchKind.PREFIX, "+1415*"),
        ("_+1NXXNXXXXXX", MatchKind.PATTERN, "_+1NXXNXXXXXX"),
        ("_7[1-3]!", MatchKind.PATTERN, "_7[1-3]!"),
    ],
)
def test_understood(text: str, kind: MatchKind, value: str) -> None:
    entry = parse_entry(text, ListName.ALLOW, NUMBER, reason="r", source="s", added=1.0, expires=2.0)
    assert entry == ListEntry(ListName.ALLOW, kind, value, "r", "s", 1.0, 2.0)


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("", "a number such as"),
        ("anonymous", "a number such as"),
        ("abc", "a number such as"),
        ("+1415*5", "a number such as"),
        ("415*", "with its country code"),
        ("*", "with its country code"),
        ("+*", "with its country code"),
        ("+1234567890123456*", "with its country code"),
        ("_", "a pattern such as"),
        ("_---", "a pattern such as"),
        ("_.", "matches every caller"),
        ("_X!", "matches every caller"),
        ("_+[0-9]X.", "matches every caller"),
        ("_1.2", "character 3 is not understood"),
        ("_1(a+)+", "character 3 is not understood"),
        ("_[]1", "set of digits"),
        ("_[^1]1", "set of digits"),
        ("_[9-2]1", "set of digits"),
        ("_[1", "character 2 is not understood"),
        ("_1\nX", "character 3 is not understood"),
        ("1" * 81, "at most 80"),
    ],
)
def test_refused_with_value_and_mend(text: str, mend: str) -> None:
    with pytest.raises(ListEntryError, match=re.escape(mend)) as caught:
        parse_entry(text, ListName.DENY, NUMBER)
    assert str(caught.value).isprintable()
    assert escape(text.strip())[:20] in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("_+1NXXNXXXXXX", ["+14155550100"], ["+11155550100", "+1415555010", "+141555501000"]),
        ("_+1-415-X.", ["+141555", "+14155550100"], ["+1415", "+14155", "+1416555"]),
        ("_9!", ["9", "91", "9anything"], ["8", "19"]),
        ("_Z[257]x", ["121", "950"], ["021", "131", "12"]),
        ("_*7#", ["*7#"], ["77#", "*7"]),
    ],
)
def test_patterns_match_as_asterisk_does(pattern: str, yes: list[str], no: list[str]) -> None:
    regex = re.compile(pattern_regex(pattern), re.DOTALL)
    assert [n for n in yes + no if regex.fullmatch(n)] == yes


@given(st.text(alphabet="XZNxzn0123456789+*#[]-.!(){}|\\^$?", max_size=30))
def test_a_pattern_is_refused_or_becomes_a_sound_expression(text: str) -> None:
    try:
        regex = pattern_regex("_" + text)
    except ListEntryError:
        return
    re.compile(regex).fullmatch("+" + "1" * 500)  # linear: a nested repeat would not come back
    assert not set(regex) & set("(){}|^$?")


@given(st.lists(st.builds(an_entry, st.sampled_from(["+1", "+2", "+3*", "_4X"]), reason=st.sampled_from("ab"))))
def test_groups_hold_the_entries(entries: list[ListEntry]) -> None:
    found = [entry for group in grouped(entries) for entry in group.entries()]
    assert sorted(map(repr, found)) == sorted(map(repr, entries))
    assert len({repr(group.head) for group in grouped(entries)}) == len(grouped(entries))
