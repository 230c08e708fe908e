"""What is kept: one row a call, its end as AMI tells it, list entries, passes. The store reads and writes these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict


class Disposition(StrEnum):
    """How a call ended, from the AMI events of its channel."""

    REJECTED = "rejected"
    ABANDONED = "abandoned"
    TALKED = "talked"
    HUNGUP = "hungup"


class CallRecord(NamedTuple):
    """The decided call. `final_verdict` differs from `verdict` after a CAPTCHA; `decide_us` is in microseconds.

    The last four are of the CAPTCHA, as in `Outcome`: `captcha_time` in seconds.
    """

    id: str
    uniqueid: str
    started: float
    caller: str
    caller_raw: str
    caller_kind: str
    caller_name: str
    dialled: str
    trunk: str
    verdict: Verdict
    final_verdict: Verdict
    score: float
    level: Level
    final: str
    evidence: tuple[Evidence, ...]
    captcha: CaptchaResult
    tampering: tuple[str, ...]
    error: str
    decide_us: int
    way: str = ""
    asked: str = ""
    conduct: tuple[Evidence, ...] = ()
    captcha_time: float = 0.0


@dataclass(frozen=True, slots=True)
class CallEnd:
    """The end of a call. Times in seconds; `cause` is the Q.850 hang-up cause; `ended` since 1970 UTC."""

    uniqueid: str
    ended: float
    cause: int
    disposition: Disposition
    queue: str = ""
    queue_wait: float = 0.0
    talk_time: float = 0.0
    operator: str = ""


class ListName(StrEnum):
    """Allow and deny end the judging; suspect is evidence, and never enough to reject: its numbers may be spoofed."""

    ALLOW = "allow"
    DENY = "deny"
    SUSPECT = "suspect"


class MatchKind(StrEnum):
    """How an entry matches: the whole number, its beginning, or an Asterisk pattern (`_+1NXXNXXXXXX`)."""

    NUMBER = "number"
    PREFIX = "prefix"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One line of a list. `expires` 0 is never; `source` is who or what added it."""

    list: ListName
    kind: MatchKind
    value: str
    reason: str = ""
    source: str = ""
    added: float = 0.0
    expires: float = 0.0


@dataclass(frozen=True, slots=True)
class Pass:
    """A passed caller's way through: bound to caller and trunk, for some uses and some time."""

    caller: str
    trunk: str
    uses_left: int
    expires: float


class CallerRecord(NamedTuple):
    """What is kept of a caller over a restart. `talked`: seconds of real talks; moments since 1970 UTC, or 0."""

    caller: str
    talks: int
    talked: float
    last_talk: float
    shorts: int
    passed: int
    failed: int
    hungup: int
    captcha_at: float
    robot: int
    person: int
    marked_at: float
    menus: int
    idle: int
    trunk: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """An operator's word on one call: `robot`, `person`, or `unmarked`, which takes back the one before."""

    call_id: str
    caller: str
    label: str
    operator: str
    at: float
