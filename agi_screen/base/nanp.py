"""North American numbers by the library's own tables, as one regular expression.

A flood of never-seen numbers must not cost what phonenumbers takes to parse each (some 75 microseconds).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

_TYPES: tuple[str, ...] = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
)
_TYPES += ("uan", "voicemail")  # all that the library's number_type() knows


def _pattern(description: PhoneNumberDesc | None) -> str:
    return (description.national_number_pattern if description else "") or "(?!)"


def _of_region(region: str) -> str:
    """What the library calls a valid number of this region: its general form, and the form of one of its types."""
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None, f"phonenumbers has no {region}"
    types = "|".join(f"(?:{_pattern(getattr(metadata, name))})" for name in _TYPES)
    return f"(?={metadata.leading_digits or ''})(?=(?:{_pattern(metadata.general_desc)})$)(?:{types})"


def _regions() -> Iterator[str]:
    return (f"(?:{_of_region(region)})" for region in COUNTRY_CODE_TO_REGION_CODE[1])


_VALID = re.compile("|".join(_regions()))


def nanp_valid(national: str) -> bool:
    """True when these ten digits are a number of some region of country code 1."""
    return _VALID.fullmatch(national) is not None
