"""Who vouches for a caller's number: Asterisk's own verification, a trusted trunk's `verstat`, or the bare header."""

from __future__ import annotations

import re
from enum import StrEnum

# Asterisk could not check, which says nothing of the caller: no certificate to be had, or no Date header to go by.
_UNCHECKED = ("cert_cache_", "cert_retrieval_", "missing_date_hdr", "date_hdr_", "invalid_or_no_callerid")
_ASTERISK = re.compile(r"([a-z0-9_]+)-([ABC]?)")
# A name before the address is the caller's own text, and has lost its quotes: there must be one address and one value.
_PARAMETER = re.compile(
    r"(?:[^<>]*<)?(?:sips?|tel):[^<>;]*(?:;[^<>;]*)*?;verstat=([^<>;@]+)[^<>]*(?:>[^<>]*)?", re.IGNORECASE
)
_VALUE = re.compile(r"TN-Validation-Passed(?:-([ABC]))?|([ABC])", re.IGNORECASE)


class Grade(StrEnum):
    """What was verified of a call. `unsigned`: a verifier that says there was no signature; `unknown`: none spoke."""

    A = "A"
    B = "B"
    C = "C"
    FAILED = "failed"
    UNSIGNED = "unsigned"
    UNKNOWN = "unknown"


_OFTEN = {"": Grade.UNKNOWN, "success-A": Grade.A, "success-B": Grade.B, "success-C": Grade.C}


def by_asterisk(attest: str) -> Grade:
    """Of `STIR_SHAKEN(0,verify_result)`, a dash, and the level. Every result but success that Asterisk came to is a
    failure of the signature or of what it signs."""
    known = _OFTEN.get(attest)
    if known is not None:
        return known
    if attest.startswith("missing_identity_hdr"):
        return Grade.UNSIGNED
    found = _ASTERISK.fullmatch(attest)
    if found is None or attest.startswith(_UNCHECKED):
        return Grade.UNKNOWN
    if found[1] != "success":
        return Grade.FAILED
    return Grade(found[2]) if found[2] else Grade.UNKNOWN


def by_trunk(verstat: str) -> Grade:
    """Of the header a trusted trunk writes: `<sip:+1415…;verstat=TN-Validation-Passed-A@…>`, or the bare value."""
    value = _value_in(verstat)
    passed = _VALUE.fullmatch(value)
    if passed is not None:
        # Without a letter it is A: carriers say so in their pages, and it is what ATIS-1000074 began with.
        return Grade((passed[1] or passed[2] or "A").upper())
    word = value.lower()
    if word.startswith("tn-validation-failed"):
        return Grade.FAILED
    return Grade.UNSIGNED if word.startswith("no-tn-validation") else Grade.UNKNOWN


def _value_in(verstat: str) -> str:
    if "=" not in verstat:
        return verstat
    if verstat.lower().count("verstat=") != 1:
        return ""
    found = _PARAMETER.fullmatch(verstat)
    return found[1] if found else ""
