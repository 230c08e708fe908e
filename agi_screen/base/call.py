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
    """A telephone number: E.164 with its plus where the plan knows it, else empty."""

    raw: str
    e164: str = ""
    kind: NumberKind = NumberKind.ABSENT

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


def case_number(call_id: str) -> str:
    """What a caller is told of a record's id: eight digits, the same again after 28 hours."""
    return f"{int(call_id[:11], 16) % 100_000_000:08d}"
