"""The table of listed numbers against a dict."""

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.list_entries import EntryGroup, Joined
from agi_screen.judge.number_table import NumberTable
from tests.made import an_entry

# Around what the table packs into 64 bits, and what only looks like a number.
numbers = st.one_of(
    st.integers(1, 10**18 - 1).map(lambda n: f"+{n}"),
    st.integers(2**48 - 3, 2**48 + 3).map(lambda n: f"+{n}"),
    st.integers(14155550100, 14155550110).map(lambda n: f"+{n}"),
    st.sampled_from(["+0", "+01", "01", "1", "+", "", "+١", "+1 ", "anonymous", "*97", "++1"]),
)


@given(st.lists(st.sets(numbers, min_size=1, max_size=30), max_size=6), st.lists(numbers))
def test_finds_what_a_dict_finds(sets: list[set[str]], asked: list[str]) -> None:
    model: dict[str, str] = {}
    groups = []
    for place, found in enumerate(sets):
        new = sorted(found - model.keys())
        model.update(dict.fromkeys(new, str(place)))
        if new:
            groups.append(EntryGroup(an_entry("+1", reason=str(place)), Joined("\n".join(new))))
    table = NumberTable(groups)
    assert len(table) == len(model)
    for number in [*asked, *model]:
        head = table.get(number)
        assert (head.reason if head else None) == model.get(number)


def test_more_groups_than_a_number_has_room_for() -> None:
    groups = [EntryGroup(an_entry("+1", reason=str(n)), [f"+1{n:07d}"]) for n in range(65_600)]
    table = NumberTable(groups)
    for n in (0, 1, 65_535, 65_536, 65_599):
        head = table.get(f"+1{n:07d}")
        assert head is not None
        assert head.reason == str(n)
    assert table.get("+10065600") is None


@given(st.lists(st.text("+123\r", min_size=1), min_size=1))
def test_joined_values_are_those_values(values: list[str]) -> None:
    joined = Joined("\n".join(values))
    assert list(joined) == values
    assert len(joined) == len(values)
    assert values[0] in joined
    assert "+9" not in joined
