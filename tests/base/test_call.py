"""The case number that is spoken to a caller leads back to the record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import CASE_DAYS, case_number, ids_of_case
from agi_screen.inbound._request_py import new_call_id

NOW = 1_800_000_000.0
DAY = 86400.0


@given(st.floats(0, CASE_DAYS * DAY - 1))
def test_a_call_of_the_last_days_is_found_by_its_number(ago: float) -> None:
    ident = new_call_id(NOW - ago)
    found = ids_of_case(case_number(ident), NOW)
    assert [begins for begins in found if ident.startswith(begins)] == [ident[:11]]
    assert len(found) <= CASE_DAYS
    assert list(found) == sorted(found, reverse=True)


def test_older_calls_are_not_looked_for() -> None:
    ident = new_call_id(NOW - CASE_DAYS * DAY - 1)
    assert ident[:11] not in ids_of_case(case_number(ident), NOW)


@pytest.mark.parametrize("number", ["", "1234567", "123456789", "1234567a", "-1234567", "١٢٣٤٥٦٧٨"])
def test_what_is_no_case_number(number: str) -> None:
    with pytest.raises(ValueError, match="eight digits"):
        ids_of_case(number, NOW)


def test_an_id_that_is_none_of_ours_has_no_number() -> None:
    assert case_number("imported") == ""
