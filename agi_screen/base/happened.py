"""What became of a call after its verdict: what the judge learns from. Times in seconds; moments since 1970 UTC."""

from __future__ import annotations

from typing import NamedTuple

from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult, Verdict


class CallBegun(NamedTuple):
    """A call goes on into the centre, and its end will be told."""

    caller: str


class CallLost(NamedTuple):
    """The end of such a call will not be told after all."""

    caller: str


class CallOver(NamedTuple):
    """A call ended. `caller` and `dialled` are `Number.key`; `verdict` is what the dialplan was told last."""

    caller: str
    dialled: str
    trunk: str
    started: float
    ended: float
    verdict: Verdict
    disposition: Disposition
    queue_wait: float = 0.0
    talk_time: float = 0.0
    cause: int = 16


class CaptchaDone(NamedTuple):
    """The CAPTCHA of a caller ended. `doubted`: the conduct in it was a machine's."""

    caller: str
    trunk: str
    at: float
    result: CaptchaResult
    doubted: bool = False


class Marked(NamedTuple):
    """An operator's word on a caller: `robot` or `person`."""

    caller: str
    label: str
    at: float


class Unmarked(NamedTuple):
    """An operator took back such a word: `label` is the one that counts no more."""

    caller: str
    label: str
    at: float


class MenuSeen(NamedTuple):
    """How a caller went through this centre's own menu: `idle` is one early key and then nothing."""

    caller: str
    at: float
    idle: bool


Happened = CallBegun | CallLost | CallOver | CaptchaDone | Marked | Unmarked | MenuSeen
