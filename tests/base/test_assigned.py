"""The table of assigned exchanges."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.assigned import areas, unassigned
from agi_screen.what_if.simulate.dealer import number


def test_most_of_a_country_is_assigned_and_not_all() -> None:
    assert len(areas()) > 300
    assert all(len(bits) == 100 for bits in areas().values())
    numbers = [f"+1{area}{exchange}0100" for area in areas() for exchange in range(200, 1000)]
    assert 0.1 < sum(map(unassigned, numbers)) / len(numbers) < 0.6


@given(st.integers())
def test_dealt_numbers_are_assigned(seed: int) -> None:
    assert not unassigned(number(Random(seed)))


@given(st.text(max_size=15) | st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True))
def test_what_is_no_number_of_the_plan_is_not_called_unassigned(text: str) -> None:
    if text[:2] != "+1" or text[2:5] not in areas():
        assert not unassigned(text)
