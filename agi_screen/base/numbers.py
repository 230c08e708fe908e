"""E.164 through phonenumbers, cached: parsing costs a hundred times what the rest of a verdict costs."""

from __future__ import annotations

import re

import phonenumbers
from cachetools import LRUCache
from phonenumbers import NumberParseException

from agi_screen.base.call import Number, NumberKind
from agi_screen.base.nanp import nanp_valid
from agi_screen.base.pseudonym import Pseudonyms, number_of

MAX_RAW = 80
MOST_DIALLED = 1_000
_ELEVEN = re.compile(r"(?:\+?1)?([2-9][0-9]{9})")
_WITH_PLUS_1 = re.compile(r"\+1([2-9][0-9]{9})")
_DIALLABLE = frozenset("0123456789+")
_WITHHELD = frozenset({"anonymous", "restricted", "private", "withheld", "unavailable"})
_NONE = frozenset({"", "unknown", "s"})


class NumberPlan:
    """Numbers as one region writes them → E.164. Never raises; what no plan knows is INVALID."""

    def __init__(self, region: str, cache: int, pseudonyms: Pseudonyms | None = None) -> None:
        self.region = region
        self.pseudonyms = pseudonyms  # given: every number has an alias
        self._cache: LRUCache[str, Number] = LRUCache(cache)
        self._dialled: dict[str, Number] = {}
        self._north_american = _ELEVEN if phonenumbers.country_code_for_region(region) == 1 else _WITH_PLUS_1

    def number(self, raw: str) -> Number:
        """The number behind what a trunk, an admin or a file wrote. `raw` over 80 characters is cut."""
        north_american = self._north_american.fullmatch(raw)
        if north_american:  # read sooner than it would be found in the cache
            national = north_american[1]
            kind = NumberKind.VALID if nanp_valid(national) else NumberKind.INVALID
            found = Number(raw, f"+1{national}", kind)
            return found if self.pseudonyms is None else self._with_alias(found)
        known = self._cache.get(raw)
        if known is None:
            raw = raw[:MAX_RAW]
            known = self._with_alias(self._read(raw))
            self._cache[raw] = known
        return known

    def written(self, text: str) -> Number:
        """The same of what a person or a record says, which may be a pseudonym. Never of what a caller sends."""
        found = number_of(text.strip()) if "~" in text else None
        return found or self.number(text)

    def forget(self, number: str) -> None:
        """Takes a number out of the cache, however it was written."""
        for raw in [raw for raw, known in self._cache.items() if number in (known.e164, known.raw)]:
            del self._cache[raw]

    def _with_alias(self, found: Number) -> Number:
        return found if self.pseudonyms is None else found._replace(alias=self.pseudonyms.of(found))

    def north_american(self, raw: str) -> str:
        """E.164 of what is written as a North American number is, valid or not; else empty. Quick, for long files."""
        found = self._north_american.fullmatch(raw)
        return f"+1{found[1]}" if found else ""

    def dialled(self, raw: str) -> Number:
        """The same for the numbers of this place: few, and one of them in every call."""
        found = self._dialled.get(raw)
        if found is None:
            if len(self._dialled) >= MOST_DIALLED:
                self._dialled.clear()
            found = self._dialled[raw] = self.number(raw)._replace(alias="")
        return found

    def _read(self, raw: str) -> Number:
        text = raw.strip()
        word = text.lower()
        if word in _NONE:
            return Number(raw, kind=NumberKind.ABSENT)
        if word in _WITHHELD:
            return Number(raw, kind=NumberKind.ANONYMOUS)
        digits = "".join(c for c in text if c in _DIALLABLE)
        if not digits.strip("+") or any(c.isalpha() for c in text):
            return Number(raw, kind=NumberKind.INVALID)
        return self._plan(raw, digits)

    def _plan(self, raw: str, digits: str) -> Number:
        if self._north_american.fullmatch(digits):
            return self.number(digits)._replace(raw=raw)  # its alias is of the number, not of how it is written
        try:
            parsed = phonenumbers.parse(digits, self.region)
        except NumberParseException:
            return Number(raw, kind=self._short_or_invalid(digits))
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(parsed):
            return Number(raw, e164, NumberKind.VALID)
        if self._short_or_invalid(digits) is NumberKind.SHORT:
            return Number(raw, kind=NumberKind.SHORT)
        return Number(raw, e164, NumberKind.INVALID)

    def _short_or_invalid(self, digits: str) -> NumberKind:
        """Service codes and extensions of a PBX: too short for any plan's subscriber number."""
        return NumberKind.SHORT if len(digits.lstrip("+")) <= 6 and digits[0] != "+" else NumberKind.INVALID
