"""The compiled lists against a model that looks at every entry."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.errors import ListEntryError
from agi_screen.base.list_entries import MAX_PATTERNS, pattern_regex
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.judge.lists import Lists
from tests.made import an_entry

ALLOW, DENY, SUSPECT = ListName.ALLOW, ListName.DENY, ListName.SUSPECT
digits = st.text("012", min_size=1, max_size=5)
numbers = st.one_of(digits, digits.map("+".__add__), st.sampled_from(["anonymous", "", "+", "+1\n", "+١"]))
values = st.one_of(
    numbers.filter(bool),
    digits.map(lambda d: f"+{d}*"),
    st.text("XZN012+", min_size=1, max_size=4).map(lambda p: f"_1{p}"),
    st.text("XZN012", max_size=3).map(lambda p: f"_+1{p}."),
)
entries = st.lists(
    st.builds(an_entry, values, st.sampled_from(ListName), expires=st.sampled_from([0.0, 0.0, 5.0, 10.0, 20.0])),
    max_size=30,
    unique_by=lambda e: (e.list, e.value),
)


def naive(
    all_entries: list[ListEntry], number: str, built: float, now: float, lists: tuple[ListName, ...] = (ALLOW, DENY)
) -> ListEntry | None:
    """Straight from the rules: allow before deny, number before the longest prefix before the first pattern."""
    good = [e for e in all_entries if not e.expires or e.expires > max(built, now)]
    for name in lists:
        mine = [e for e in good if e.list is name]
        exact = [e for e in mine if e.kind is MatchKind.NUMBER and e.value == number]
        prefixes = [e for e in mine if e.kind is MatchKind.PREFIX and number.startswith(e.value[:-1])]
        patterns = [e for e in mine if e.kind is MatchKind.PATTERN and _fits(e.value, number)]
        found = exact + sorted(prefixes, key=lambda e: -len(e.value)) + patterns
        if found:
            return found[0]
    return None


def _fits(pattern: str, number: str) -> bool:
    return re.compile(pattern_regex(pattern), re.DOTALL).fullmatch(number) is not None


def in_groups(all_entries: list[ListEntry]) -> list[ListEntry]:
    """Patterns of one group stand together when compiled; the model must see the same order."""
    groups: dict[tuple[ListName, MatchKind, float], list[ListEntry]] = {}
    for e in all_entries:
        groups.setdefault((e.list, e.kind, e.expires), []).append(e)
    return [e for group in groups.values() for e in group]


@given(
    entries, st.lists(numbers, min_size=1), st.sampled_from([0.0, 5.0, 10.0]), st.sampled_from([4.9, 5.0, 15.0, 30.0])
)
def test_as_the_model_says(found: list[ListEntry], asked: list[str], built: float, now: float) -> None:
    lists = Lists.build(found, built)
    for number in asked + [e.value for e in found]:
        assert lists.match(number, now) == naive(in_groups(found), number, built, now), number
        assert lists.suspect(number, now) == naive(in_groups(found), number, built, now, (SUSPECT,)), number


@pytest.mark.parametrize(
    ("listed", "number", "hit"),
    [
        ([("+1415*", DENY), ("+14155550100", ALLOW)], "+14155550100", "+14155550100"),
        ([("+1415*", ALLOW), ("+14155550100", DENY)], "+14155550100", "+1415*"),
        ([("_+1NXX.", DENY), ("+1*", DENY), ("+141*", DENY)], "+14155550100", "+141*"),
        ([("_+1415XXXXXXX", DENY)], "+14155550100", "_+1415XXXXXXX"),
        ([("+14155550100", DENY)], "14155550100", None),
        ([("+1", DENY)], "+01", None),
    ],
)
def test_who_wins(listed: list[tuple[str, ListName]], number: str, hit: str | None) -> None:
    found = Lists.build([an_entry(v, name) for v, name in listed], 0.0).match(number, 1.0)
    assert (found.value if found else None) == hit


def test_more_patterns_than_are_bearable_are_refused() -> None:
    patterns = [an_entry(f"_+1{n:03d}NXXXXXX") for n in range(MAX_PATTERNS + 1)]
    assert len(Lists.build(patterns[:-1], 0.0)) == MAX_PATTERNS
    with pytest.raises(ListEntryError, match=r"257 patterns: keep to 256"):
        Lists.build(patterns, 0.0)


def test_the_whole_entry_comes_back() -> None:
    entry = an_entry("+14155550100", reason="fraud", source="import", added=3.0, expires=9.0)
    lists = Lists.build([entry, an_entry("+14155550101")], 0.0)
    assert lists.match("+14155550100", 8.9) == entry
    assert lists.match("+14155550100", 9.0) is None
    assert len(lists) == 2
