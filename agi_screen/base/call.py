"""The frozen facts of one call. Everything a caller can write is kept apart as `raw` and never trusted.

What is made anew for each call is a NamedTuple: a frozen data class takes three times as long to make.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class NumberKind(StrEnum):
    """What a number is by the numbering plan alone; nothing is looked up outside."""

    VALID = "valid"
    INVALID = "invalid"
    SHORT = "short"
    ANONYMOUS = "anonymous"
    ABSENT = "absent"


class Number(NamedTuple):
    """A telephone number: E.164 with its plus where the plan knows it, else empty.

    `alias` is what is kept of it instead of the number itself, where `[privacy] numbers = "hashed"`; else empty."""

    raw: str
    e164: str = ""
    kind: NumberKind = NumberKind.ABSENT
    alias: str = ""

    @property
    def known_as(self) -> str:
        """Under what this caller is remembered and recorded: the alias, else the key."""
        return self.alias or self.e164 or self.raw or self.kind

    @property
    def key(self) -> str:
        """What buckets and lists know it by: E.164, else the raw digits, else the kind of its absence."""
        return self.e164 or self.raw or self.kind


class Call(NamedTuple):
    """One incoming call as the trunk presented it, cleaned.

    `started` is in seconds since 1970 UTC, `ticks` in nanoseconds of the clock that never steps back.
    `tampering` names what was wrong with the request itself, e.g. `control:2` or `repeated:agi_uniqueid`.
    `identity`, `agent` and `verstat` are SIP headers without what is no plain text; `verstat` is the header a trusted
    trunk writes its own verification into. `attest` is what Asterisk found: its result, a dash, the level.
    """

    id: str
    caller: Number
    dialled: Number
    trunk: str
    channel: str
    uniqueid: str
    started: float
    ticks: int
    name: str = ""
    language: str = "en"
    identity: str = ""
    tampering: tuple[str, ...] = ()
    agent: str = ""
    verstat: str = ""
    attest: str = ""


CASES = 100_000_000  # milliseconds after which case numbers begin anew: 28 hours
CASE_DAYS = 60
STAMP = 11  # signs of an id that tell the millisecond


def case_number(call_id: str) -> str:
    """What a caller is told of a record's id: eight digits, the same again after 28 hours. Empty for no id of ours."""
    try:
        return f"{int(call_id[:STAMP], 16) % CASES:08d}"
    except ValueError:
        return ""


def ids_of_case(number: str, now: float) -> tuple[str, ...]:
    """How the ids begin that have this case number, newest first, 60 days back. Raises ValueError for no number."""
    digits = "".join(sign for sign in number if sign not in " -.")
    if len(digits) != len(str(CASES - 1)) or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a case number has eight digits, such as 1234 5678")
    latest = int(now * 1000)
    newest = latest - (latest - int(digits)) % CASES
    oldest = max(0, latest - CASE_DAYS * 86_400_000)
    return tuple(f"{moment:0{STAMP}x}" for moment in range(newest, oldest, -CASES))
