"""Calls that were decided: found again, page by page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import ids_of_case
from agi_screen.base.store_search import CallFilter
from agi_screen.base.store_walk import call_page
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.base.ways import Way
from agi_screen.web.route import ApiError, Ask, Model, Role, Route
from agi_screen.web.said import CallSaid, call_said, eyes

Text = Annotated[str, Field(max_length=80)]
Moment = Annotated[float, Field(ge=0, le=1e11)]


class CallsQuery(Model):
    """`number` is the caller's, whole, as one would write it; `did` the number dialled; `case` the number a caller was
    told. `verdict` is the judge's own. `since` is included, `until` is not: seconds since 1970. `before` is `next` of
    the page before."""

    number: Text = ""
    did: Text = ""
    case: Text = ""
    verdict: Verdict | None = None
    signal: Annotated[str, Field(pattern="^([a-z][a-z0-9_]{0,39})?$")] = ""
    captcha: CaptchaResult | None = None
    way: Way | None = None
    since: Moment | None = None
    until: Moment | None = None
    before: Text = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Calls(Model):
    """Newest first. `next` is empty at the end. `reached`: the time was over before the page was full, and all
    calls back to this moment have been looked at; `next` goes on from there."""

    calls: list[CallSaid]
    next: str
    reached: float | None


class SignalSaid(Model):
    """A signal that is in force: what it can add to a score, and the most its group can."""

    name: str
    group: str
    weight: float
    cap: float


class Signals(Model):
    """By name."""

    signals: list[SignalSaid]


async def signals(ask: Ask) -> Signals:
    found = sorted(ask.office.signals().items())
    return Signals(signals=[SignalSaid.model_validate({"name": name, **now._asdict()}) for name, now in found])


async def calls(ask: Ask) -> Calls:
    query: CallsQuery = ask.query
    store, see = ask.office.store.opened, eyes(ask)
    if query.before and not await store.calls(CallFilter(id=query.before, limit=1)):
        raise ApiError(400, "query.before", query.before, "there is no such call: begin at the first page")
    found = await call_page(store, _wanted(ask), ask.office.clock)
    return Calls(calls=[call_said(call, see) for call in found.calls], next=found.next, reached=found.reached)


def _wanted(ask: Ask) -> CallFilter:
    query: CallsQuery = ask.query
    return CallFilter(
        caller=ask.office.plan.written(query.number).known_as if query.number else "",
        dialled=ask.office.plan.number(query.did).key if query.did else "",
        verdict=query.verdict,
        since=query.since,
        until=query.until,
        way=query.way or "",
        beginnings=_ids(query.case, ask.office.clock.wall()) if query.case else (),
        before=query.before,
        limit=query.limit,
        captcha=query.captcha,
        signal=query.signal,
    )


def _ids(case: str, now: float) -> tuple[str, ...]:
    try:
        return ids_of_case(case, now)
    except ValueError as error:
        raise ApiError(400, "query.case", case, str(error)) from error


ROUTES = (
    Route(
        "GET", "/calls", "Calls, newest first, by caller, time, verdict, signal", Role.VIEWER, calls, Calls, CallsQuery
    ),
    Route("GET", "/signals", "The signals in force", Role.VIEWER, signals, Signals),
)
