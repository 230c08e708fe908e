"""One call: what came of it, and what an operator makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from agi_screen.base.call import case_number
from agi_screen.base.records import Feedback, ListName
from agi_screen.base.store import Store
from agi_screen.base.store_calls import StoredCall, feedback_row
from agi_screen.base.store_list_pages import one_entry
from agi_screen.base.store_search import CallFilter
from agi_screen.base.verdict import Evidence
from agi_screen.web.access.audit import audited_change
from agi_screen.web.entries import Added, NewEntry, add_entry, remove_entry
from agi_screen.web.office import SignalNow
from agi_screen.web.route import ApiError, Ask, Model, Role, Route
from agi_screen.web.said import (
    CallSaid,
    EntrySaid,
    Eyes,
    ThresholdsSaid,
    call_said,
    caller_of,
    entry_said,
    eyes,
    thresholds_said,
)

EARLIER = 10
Label = Literal["robot", "person"]
LAST_MARK = "SELECT label, operator, at FROM feedback WHERE call_id = ? ORDER BY n DESC LIMIT 1"
INSERT_MARK = "INSERT INTO feedback (call_id, caller, label, operator, at) VALUES (?,?,?,?,?)"
UNMARKED = "unmarked"


class EvidenceSaid(Model):
    """What one signal saw: `points` -1 to 1, `score` what it added. Group, weight and the group's cap are those in
    force now; null for a signal that is configured no more."""

    signal: str
    points: float
    score: float
    reason: str
    group: str | None
    weight: float | None
    cap: float | None


class MarkSaid(Model):
    """The last word of an operator on this call."""

    label: Label
    by: str
    at: float


class MarksSaid(Model):
    """How often operators called this caller a robot, a person; when last, 0 for never."""

    robot: int
    person: int
    at: float


class CallWhole(Model):
    """All that is known of a call. `asked` are the CAPTCHA's questions, and how each ended; `listed` the entries that
    match this caller now; `earlier` the calls of the same number before this one, newest first."""

    call: CallSaid
    final: str
    raw: str
    uniqueid: str
    case: str
    tampering: list[str]
    decide_us: int
    evidence: list[EvidenceSaid]
    conduct: list[EvidenceSaid]
    asked: list[str]
    thresholds: ThresholdsSaid
    mark: MarkSaid | None
    marks: MarksSaid
    listed: list[EntrySaid]
    earlier: list[CallSaid]
    numbered: bool


class NewMark(Model):
    """An operator's word on the caller."""

    label: Label


class MarkDone(Model):
    """The call's mark now, and the one before it."""

    mark: Label | None
    before: Label | None


class ListCaller(Model):
    """Which list the caller goes on; `expires` is a time such as `7d` or a date, empty for never."""

    list: ListName
    reason: Annotated[str, Field(max_length=200)] = ""
    expires: Annotated[str, Field(max_length=40)] = ""


async def one(ask: Ask) -> CallWhole:
    store, see = ask.office.store.opened, eyes(ask)
    call = await _call(ask)
    r, caller = call.record, caller_of(call.record)
    earlier = await store.calls(CallFilter(caller=r.caller, before=r.id, limit=EARLIER)) if r.caller else []
    signals, limits, marks = ask.office.signals(), ask.office.thresholds(r.level), ask.office.marks(caller)
    who = ask.office.plan.written(caller or r.caller_kind)
    return CallWhole(
        call=call_said(call, see),
        final=r.final,
        raw=see.number(r.caller_raw),
        uniqueid=r.uniqueid,
        case=case_number(r.id),
        tampering=list(r.tampering),
        decide_us=r.decide_us,
        evidence=[_evidence(e, signals, see) for e in r.evidence],
        conduct=[_evidence(e, signals, see) for e in r.conduct],
        asked=[part for part in r.asked.split(",") if part],
        thresholds=thresholds_said(limits),
        mark=await _mark(store, r.id),
        marks=MarksSaid.model_validate(marks._asdict()),
        listed=[entry_said(entry, ask) for entry in ask.office.listed(who.key, who.alias)],
        earlier=[call_said(one, see) for one in earlier],
        numbered=_numbered(caller),
    )


async def mark(ask: Ask) -> MarkDone:
    body: NewMark = ask.body
    return await _marked(ask, body.label)


async def unmark(ask: Ask) -> MarkDone:
    return await _marked(ask, None)


async def list_caller(ask: Ask) -> Added:
    body: ListCaller = ask.body
    new = NewEntry(list=body.list, number=await _number(ask), reason=body.reason, expires=body.expires)
    return await add_entry(ask, new, f"caller of call {ask.path['id']}")


async def unlist_caller(ask: Ask) -> EntrySaid:
    """Looks for the caller's own number alone: no prefix or pattern goes by this."""
    name = ask.path["list"]
    if name not in list(ListName):
        raise ApiError(404, "list", name, "there is no such list")
    found = await one_entry(ask.office.store.opened, ListName(name), await _number(ask))
    if found is None:
        raise ApiError(404, "list", name, "this caller is not on it")
    return await remove_entry(ask, found)


async def _call(ask: Ask) -> StoredCall:
    found = await ask.office.store.opened.calls(CallFilter(id=ask.path["id"], limit=1))
    if not found:
        raise ApiError(404, "id", ask.path["id"], "there is no such call; a new one is written a moment later")
    return found[0]


async def _number(ask: Ask) -> str:
    caller = caller_of((await _call(ask)).record)
    if not _numbered(caller):
        raise ApiError(409, "caller", "", "this caller came without a number")
    return ask.office.plan.written(caller).known_as


def _numbered(caller: str) -> bool:
    """Whether lists and the judge can know this caller again."""
    return caller[-1:].isdigit()


async def _mark(store: Store, ident: str) -> MarkSaid | None:
    rows = await store.read(tuple, LAST_MARK, (ident,))
    if not rows or rows[0][0] == UNMARKED:
        return None
    label, by, at = rows[0]
    return MarkSaid(label=label, by=by, at=at)


async def _marked(ask: Ask, label: Label | None) -> MarkDone:
    """The call's mark becomes `label`: one call counts once, whatever was said of it before."""
    r = (await _call(ask)).record
    async with audited_change(ask) as change:
        rows = list(await change.conn.execute_fetchall(LAST_MARK, (r.id,)))
        before: Label | None = rows[0][0] if rows and rows[0][0] != UNMARKED else None
        if before == label:
            return MarkDone(mark=label, before=before)
        word = Feedback(r.id, caller_of(r), label or UNMARKED, ask.who.name, change.by.at)
        await change.conn.execute(INSERT_MARK, feedback_row(word))
        await change.says("call marked", f"{r.id}: {before or UNMARKED}", f"{r.id}: {label or UNMARKED}")
    ask.office.marked(word.caller, label or "", before or "")
    return MarkDone(mark=label, before=before)


def _evidence(e: Evidence, signals: Mapping[str, SignalNow], see: Eyes) -> EvidenceSaid:
    now = signals.get(e.signal)
    said = (
        {"group": now.group, "weight": now.weight, "cap": now.cap} if now else dict.fromkeys(("group", "weight", "cap"))
    )
    return EvidenceSaid.model_validate({**e._asdict(), "reason": see.text(e.reason), **said})


VIEWER, OPERATOR = Role.VIEWER, Role.OPERATOR
ROUTES = (
    Route("GET", "/calls/{id}", "One call, from its start to its end", VIEWER, one, CallWhole, errors=(404,)),
    Route(
        *("POST", "/calls/{id}/mark", "Mark the caller as a robot or a person", OPERATOR, mark, MarkDone),
        body=NewMark,
        errors=(404,),
    ),
    Route("POST", "/calls/{id}/unmark", "Take the mark back", OPERATOR, unmark, MarkDone, errors=(404,)),
    Route(
        *("POST", "/calls/{id}/list", "Put the caller's number on a list", OPERATOR, list_caller, Added),
        body=ListCaller,
        errors=(404, 409),
    ),
    Route(
        *("DELETE", "/calls/{id}/list/{list}", "Take the caller's number off a list", OPERATOR),
        *(unlist_caller, EntrySaid),
        errors=(404, 409),
    ),
)
