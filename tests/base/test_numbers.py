"""Numbers by the numbering plan: E.164, and which kind of nothing."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.base.call import NumberKind
from agi_screen.base.numbers import MAX_RAW, NumberPlan


@pytest.fixture
def plan() -> NumberPlan:
    return NumberPlan("US", 1000)


@pytest.mark.parametrize(
    ("raw", "e164", "kind"),
    [
        ("4155552671", "+14155552671", "valid"),
        ("14155552671", "+14155552671", "valid"),
        ("(415) 555-2671", "+14155552671", "valid"),
        ("+442079460000", "+442079460000", "valid"),
        ("0000000000", "+10000000000", "invalid"),
        ("9995551234", "+19995551234", "invalid"),
        ("+1", "", "invalid"),
        ("415555010012345678901", "", "invalid"),
        ("asterisk", "", "invalid"),
        ("911", "", "short"),
        ("100", "", "short"),
        ("anonymous", "", "anonymous"),
        ("Restricted", "", "anonymous"),
        ("", "", "absent"),
        ("unknown", "", "absent"),
    ],
)
def test_numbers_of_a_us_trunk(plan: NumberPlan, raw: str, e164: str, kind: str) -> None:
    number = plan.number(raw)
    assert (number.e164, number.kind) == (e164, NumberKind(kind))


def test_the_region_decides_how_bare_numbers_are_read() -> None:
    assert NumberPlan("GB", 10).number("02079460000").e164 == "+442079460000"


@given(st.text(max_size=200))
def test_no_text_breaks_it_and_e164_is_clean(raw: str) -> None:
    number = NumberPlan("US", 10).number(raw)
    assert len(number.raw) <= MAX_RAW
    assert not number.e164 or (number.e164[0] == "+" and number.e164[1:].isdecimal())


def test_the_cache_is_bounded() -> None:
    plan = NumberPlan("US", 10)
    for n in range(100):
        plan.number(f"+44207946{n:04}")
    assert len(plan._cache) == 10


def by_the_library(raw: str) -> tuple[str, bool]:
    parsed = phonenumbers.parse(raw, "US")
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164, phonenumbers.is_valid_number(parsed)


EXAMPLES = [
    phonenumbers.PhoneMetadata.metadata_for_region(region) for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]
]


@settings(max_examples=2000)
@given(st.from_regex(r"(\+?1)?[2-9][0-9]{9}", fullmatch=True))
def test_the_quick_way_of_north_american_numbers_is_the_librarys(raw: str) -> None:
    number = NumberPlan("US", 1).number(raw)
    assert (number.e164, number.kind is NumberKind.VALID) == by_the_library(raw)


def test_every_area_code_and_every_example_of_the_library() -> None:
    plan = NumberPlan("US", 1)
    raws = [f"{area}{rest}" for area in range(200, 1000) for rest in ("5552671", "2001234", "0551234", "4601234")]
    for metadata in EXAMPLES:
        for name in ("fixed_line", "mobile", "toll_free", "premium_rate", "personal_number", "voip", "pager", "uan"):
            raws += [n for n in [getattr(getattr(metadata, name), "example_number", None)] if n]
    for raw in raws:
        number = plan.number(raw)
        assert (number.e164, number.kind is NumberKind.VALID) == by_the_library(raw), raw
