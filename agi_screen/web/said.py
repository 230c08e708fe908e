"""Calls and list entries as the API says them; numbers masked for who need not see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from agi_screen.base.config import Thresholds
from agi_screen.base.masking import masked, masked_text
from agi_screen.base.records import CallEnd, CallRecord, Disposition, ListEntry, ListName, MatchKind
from agi_screen.base.store_calls import StoredCall
from agi_screen.base.verdict import CaptchaResult, Decision, Level, Verdict
from agi_screen.web.route import Ask, Model, Role


class Eyes(NamedTuple):
    """What somebody gets to see: of a number, and of a text that may hold one."""

    number: Callable[[str], str]
    text: Callable[[str], str]
    masks: bool


def _all(text: str) -> str:
    return text


OPEN, MASKED = Eyes(_all, _all, masks=False), Eyes(masked, masked_text, masks=True)


def eyes(ask: Ask) -> Eyes:
    """Of who asks."""
    return MASKED if ask.office.web.mask_numbers and ask.who.role < Role.ADMIN else OPEN


class EndSaid(Model):
    """How a call went on, in seconds; `cause` is the Q.850 cause of the hang-up."""

    how: Disposition
    ended: float
    cause: int
    queue: str
    wait: float
    talk: float
    operator: str


class CallSaid(Model):
    """A call in a table. `verdict` is the judge's, `told` what the dialplan got at last; `at` is since 1970."""

    id: str
    at: float
    caller: str
    name: str
    kind: str
    dialled: str
    trunk: str
    verdict: Verdict
    told: Verdict
    score: float
    level: Level
    reasons: str
    captcha: CaptchaResult
    captcha_time: float
    way: str
    error: str
    end: EndSaid | None


class ThresholdsSaid(Model):
    """Of a level, as they are configured now."""

    challenge: float
    reject: float


class EntrySaid(Model):
    """One line of a list. `expires` 0 is never; `source` is who or what added it; `active`: it has not expired."""

    list: ListName
    kind: MatchKind
    value: str
    reason: str
    source: str
    added: float
    expires: float
    active: bool
    mine: bool


def call_said(call: StoredCall, see: Eyes) -> CallSaid:
    r = call.record
    reasons = Decision(r.verdict, r.score, r.level, r.evidence, r.final).reasons
    return CallSaid(
        id=r.id,
        at=r.started,
        caller=see.number(caller_of(r)),
        name=see.text(r.caller_name),
        kind=r.caller_kind,
        dialled=r.dialled,
        trunk=r.trunk,
        verdict=r.verdict,
        told=r.final_verdict,
        score=r.score,
        level=r.level,
        reasons=see.text(reasons),
        captcha=r.captcha,
        captcha_time=r.captcha_time,
        way=r.way,
        error=r.error,
        end=end_said(call.end),
    )


def end_said(end: CallEnd | None) -> EndSaid | None:
    if end is None:
        return None
    times = {"ended": end.ended, "wait": end.queue_wait, "talk": end.talk_time}
    return EndSaid(how=end.disposition, cause=end.cause, queue=end.queue, operator=end.operator, **times)


def entry_said(entry: ListEntry, ask: Ask) -> EntrySaid:
    see = eyes(ask)
    value = see.number(entry.value) if entry.kind is MatchKind.NUMBER else see.text(entry.value)
    return EntrySaid(
        list=entry.list,
        kind=entry.kind,
        value=value,
        reason=see.text(entry.reason),
        source=see.text(entry.source),
        added=entry.added,
        expires=entry.expires,
        active=not entry.expires or entry.expires > ask.office.clock.wall(),
        mine=entry.source == ask.who.name,
    )


def thresholds_said(limits: Thresholds) -> ThresholdsSaid:
    return ThresholdsSaid(challenge=limits.challenge, reject=limits.reject)


def caller_of(record: CallRecord) -> str:
    """As lists and marks know this caller; empty where no number came."""
    return record.caller or record.caller_raw
