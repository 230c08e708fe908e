"""The ways on of whoever was not let through by the CAPTCHA."""

from __future__ import annotations

from enum import StrEnum

from agi_screen.base.verdict import Verdict


class Way(StrEnum):
    """The words of `[captcha] on_failure`, and of `SCREEN_WAY`."""

    HUMAN = "human"  # an operator, for who pressed keys, as often as human_rate says
    LAST = "last"  # the operators' queue, behind everybody else
    CALLBACK = "callback"  # who presses 1 is called back: the request is in the records
    VOICEMAIL = "voicemail"  # [agi-screen-divert] voicemail in the dialplan
    REDRESS = "redress"  # a number to complain at, and the case's number, are spoken
    DIVERT = "divert"  # [agi-screen-divert] s in the dialplan
    GOODBYE = "goodbye"
    REJECT = "reject"
    ALLOW = "allow"  # straight through, as if nothing had been


_VERDICTS = {Way.HUMAN: Verdict.ALLOW, Way.LAST: Verdict.ALLOW, Way.ALLOW: Verdict.ALLOW, Way.REJECT: Verdict.REJECT}


def verdict_of(way: Way) -> Verdict:
    """What the dialplan is told of it."""
    return _VERDICTS.get(way, Verdict.DIVERT)
