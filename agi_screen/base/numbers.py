"""E.164 through phonenumbers, cached: parsing costs a hundred times what the rest of a verdict costs."""

from __future__ import annotations

import phonenumbers
from cachetools import LRUCache
from phonenumbers import NumberParseException

from agi_screen.base.call import Number, NumberKind

MAX_RAW = 80
_DIALLABLE = frozenset("0123456789+")
_WITHHELD = frozenset({"anonymous", "restricted", "private", "withheld", "unavailable"})
_NONE = frozenset({"", "unknown", "s"})


class NumberPlan:
    """Numbers as one region writes them → E.164. Never raises; what no plan knows is INVALID."""

    def __init__(self, region: str, cache: int) -> None:
        self._region = region
        self._cache: LRUCache[str, Number] = LRUCache(cache)

    def number(self, raw: str) -> Number:
        """The number behind what a trunk, an admin or a file wrote. `raw` over 80 characters is cut."""
        found = self._cache.get(raw)
        if found is None:
            raw = raw[:MAX_RAW]
            found = self._cache[raw] = self._read(raw)
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
        try:
            parsed = phonenumbers.parse(digits, self._region)
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
