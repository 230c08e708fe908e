"""A call that came in, as history tells it: from Asterisk's CDRs or from our own records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from agi_screen.base.errors import AgiScreenError, Problem
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult

MOST_PROBLEMS = 1000
MOST_SHOWN = 20


class HistoryError(AgiScreenError):
    """The file cannot be replayed; the message names file, line, field, value and mend."""


class Source(StrEnum):
    """What kind of file the calls came from."""

    CDR = "cdr"
    RECORDS = "records"


class Recorded(NamedTuple):
    """What only our own records know. `captcha_at` and `labelled_at` are in seconds since 1970 UTC; `conduct` is the
    score of the caller's conduct in the CAPTCHA."""

    call_id: str
    name: str
    tampering: tuple[str, ...]
    captcha: CaptchaResult
    captcha_at: float
    label: str = ""
    labelled_at: float = 0.0
    conduct: float = 0.0


class PastCall(NamedTuple):
    """`start` and `ended` in seconds since 1970 UTC (`ended` infinite where nobody knows), waits in seconds.

    `said` is the start as OUT shows it: a CDR's own text.
    """

    start: float
    uniqueid: str
    said: str
    src: str
    dst: str
    trunk: str
    ended: float
    disposition: Disposition
    queue_wait: float
    talk_time: float
    cause: int
    more: Recorded | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """All calls of a file in the order of their start. `bad` counts what could not be read; `problems` says what."""

    source: Source
    calls: list[PastCall]
    bad: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class Problems:
    """The first complaints of a file, and how many there are: a file of another kind must not fill the memory."""

    def __init__(self) -> None:
        self.first: list[Problem] = []
        self.count = 0

    def add(self, problem: Problem) -> None:
        self.count += 1
        if self.count <= MOST_PROBLEMS:
            self.first.append(problem)

    def text(self, mend: str) -> str:
        """At most `MOST_SHOWN` of them, one a line, and what to do."""
        shown = [*map(str, self.first[:MOST_SHOWN])]
        if self.count > MOST_SHOWN:
            shown.append(f"… and {self.count - MOST_SHOWN:,} more")
        return "\n".join([*shown, f"{self.count:,} bad lines, nothing was replayed; {mend}"])
