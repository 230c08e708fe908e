"""Calls over the API: pages without gaps, filters, masks, marks and their undo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agi_screen.base import store_walk
from agi_screen.base.clock import ManualClock
from agi_screen.base.records import Disposition
from agi_screen.base.store import Store
from agi_screen.base.store_search import CallFilter
from agi_screen.base.store_walk import call_page
from agi_screen.base.verdict import CaptchaResult, Evidence, Verdict
from tests.made import NOON, a_call, an_end
from tests.places import KINDS
from tests.web.made_desk import Browser, MadeDesk

CALLER, OTHER = "+14155550100", "+12125550177"
HOSTILE = '<img src=x onerror=alert(1)>\n\x1b[31m"\u202e'


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """In a file, and in a PostgreSQL database."""
    kind: str = request.param
    return kind


async def filled(desk: MadeDesk, count: int = 0, **changes: Any) -> None:
    store = desk.office.store.opened
    await store.save_calls([a_call(f"c{n}", started=NOON + n, **changes) for n in range(count)])


async def ids(browser: Browser, query: str) -> list[str]:
    return [call["id"] for call in (await browser.json(f"/calls?{query}"))["calls"]]


async def test_a_page_and_the_next(daemon_desk: MadeDesk) -> None:
    await filled(daemon_desk, 5)
    viewer = await daemon_desk.log_in("viewer")
    first = await viewer.json("/calls?limit=3")
    assert [call["id"] for call in first["calls"]] == ["c4", "c3", "c2"]
    rest = await viewer.json(f"/calls?limit=3&before={first['next']}")
    assert [call["id"] for call in rest["calls"]] == ["c1", "c0"]
    assert (rest["next"], rest["reached"]) == ("", None)
    whole = await viewer.json("/calls?limit=5")
    assert whole["next"] == ""  # a full page that is the last one says so


@given(
    calls=st.lists(
        st.tuples(
            st.integers(0, 9000),
            st.sampled_from(["+1", "+2", ""]),
            st.sampled_from(list(Verdict)),
            st.sampled_from(list(CaptchaResult)),
            st.sampled_from(["", "callback"]),
            st.booleans(),
        ),
        max_size=40,
    ),
    wanted=st.builds(
        CallFilter,
        caller=st.sampled_from(["", "+1"]),
        dialled=st.sampled_from(["", "+18005551234", "+1999"]),
        verdict=st.sampled_from([None, *Verdict]),
        way=st.sampled_from(["", "callback"]),
        captcha=st.sampled_from([None, *CaptchaResult]),
        signal=st.sampled_from(["", "silence", "surge"]),
        since=st.sampled_from([None, NOON + 2000.0]),
        limit=st.integers(1, 7),
    ),
    patient=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_call_twice_and_none_missing(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    calls: list[tuple[Any, ...]],
    wanted: CallFilter,
    patient: bool,
) -> None:
    """Whatever the filter, and however often the time is over before a page is full."""
    monkeypatch.setattr(store_walk, "PORTION", 3)
    monkeypatch.setattr(store_walk, "WALK_SECONDS", 60.0 if patient else 0.0)
    clock = ManualClock(NOON)
    store = await Store.open(tmp_path_factory.mktemp("law") / "calls.db", clock=clock)
    said = {True: (Evidence("silence", 0.5, 1.0, "x"), Evidence("surge", 0.0, 0.0, "")), False: ()}
    await store.save_calls(
        [
            a_call(
                f"c{n}", started=NOON + at, caller=who, verdict=verdict, captcha=captcha, way=way, conduct=said[heard]
            )
            for n, (at, who, verdict, captcha, way, heard) in enumerate(calls)
        ]
    )
    found, place = [], wanted
    for _ in range(200):
        page = await call_page(store, place, clock)
        found += [call.record.id for call in page.calls]
        assert len(page.calls) <= wanted.limit
        if not page.next:
            break
        place = replace(wanted, before=page.next)
    await store.close()
    right = [
        (at, n)
        for n, (at, who, verdict, captcha, way, heard) in enumerate(calls)
        if wanted.caller in ("", who)
        and wanted.dialled in ("", "+18005551234")
        and wanted.verdict in (None, verdict)
        and wanted.way in ("", way)
        and wanted.captcha in (None, captcha)
        and (not wanted.signal or (heard and wanted.signal == "silence"))
        and (wanted.since is None or NOON + at >= wanted.since)
    ]
    assert found == [f"c{n}" for _, n in sorted(right, reverse=True)]


async def test_filters(daemon_desk: MadeDesk) -> None:
    store = daemon_desk.office.store.opened
    await store.save_calls(
        [
            a_call("a", started=NOON, caller=OTHER, verdict=Verdict.ALLOW, evidence=()),
            a_call("b", started=NOON + 1, dialled="+18005559999", captcha=CaptchaResult.FAILED, way="callback"),
            a_call("c", started=NOON + 2, verdict=Verdict.REJECT, conduct=(Evidence("silence", 1.0, 2.0, "none"),)),
        ]
    )
    viewer = await daemon_desk.log_in("viewer")
    for query, right in {
        "number=(212) 555-0177": ["a"],
        "did=8005559999": ["b"],
        "verdict=reject": ["c"],
        "verdict=allow": ["a"],
        "signal=caller_rate": ["c", "b"],
        "signal=silence": ["c"],
        "signal=anonymous": [],  # asked, but it had nothing to say
        "captcha=failed": ["b"],
        "way=callback&number=4155550100": ["b"],
        f"since={NOON + 1}&until={NOON + 2}": ["b"],
        "number=999": [],
    }.items():
        assert await ids(viewer, query) == right, query


async def test_what_is_asked_is_checked(daemon_desk: MadeDesk) -> None:
    viewer = await daemon_desk.log_in("viewer")
    wrong = ("limit=201", "limit=0", "verdict=no", "signal=a'b", "since=nan", "before=c9", "case=12", "x=1", "way=up")
    for query in wrong:
        said = await viewer.send("GET", f"/calls?{query}")
        assert said.status in (400, 422), query
        assert (await said.json())["error"]["field"] == f"query.{query.partition('=')[0]}"
    assert await Browser(daemon_desk.browser()).status("GET", "/calls") == 401


async def test_one_call_whole(daemon_desk: MadeDesk) -> None:
    store = daemon_desk.office.store.opened
    asked = {"asked": "sum_of_two:wrong,digits:passed", "captcha_time": 21.4}
    await store.save_calls([a_call("0", started=NOON - 60), a_call("1", **asked), a_call("2", caller=OTHER)])
    await store.save_ends([an_end("u-1")])
    found = await (await daemon_desk.log_in("viewer")).json("/calls/1")
    assert found["call"]["end"]["how"] == Disposition.TALKED
    assert found["call"]["end"]["talk"] == 61.25
    assert [e["signal"] for e in found["evidence"]] == ["caller_rate", "anonymous", "hostile_caller_id"]
    assert found["evidence"][0]["group"] == "rate"
    assert found["evidence"][0]["weight"] > 0
    assert found["thresholds"]["challenge"] < found["thresholds"]["reject"]
    assert found["asked"] == ["sum_of_two:wrong", "digits:passed"]
    assert [call["id"] for call in found["earlier"]] == ["0"]
    assert (found["mark"], found["listed"], found["numbered"]) == (None, [], True)


async def test_hostile_text_is_text(daemon_desk: MadeDesk) -> None:
    evil = {"caller": "", "caller_raw": HOSTILE, "caller_name": HOSTILE, "trunk": HOSTILE, "caller_kind": "invalid"}
    await daemon_desk.office.store.opened.save_calls([a_call("x", **evil)])
    viewer = await daemon_desk.log_in("viewer")
    said = await viewer.send("GET", "/calls/x")
    assert said.content_type == "application/json"
    found = await said.json()
    assert (found["call"]["name"], found["call"]["caller"], found["numbered"]) == (HOSTILE, HOSTILE, False)
    assert await viewer.status("GET", "/calls/" + "%3Cscript%3E") == 404


async def test_marks_count_once_and_are_undone(daemon_desk: MadeDesk) -> None:
    await filled(daemon_desk, 1)
    operator = await daemon_desk.log_in("operator")
    marks = daemon_desk.office.marks
    assert await operator.status("POST", "/calls/c0/mark", {"label": "robot"}) == 200
    assert await operator.status("POST", "/calls/c0/mark", {"label": "robot"}) == 200  # said twice, counted once
    assert marks(CALLER)[:2] == (1, 0)
    assert (await operator.json("/calls/c0"))["mark"]["by"] == "operator"
    said = await operator.send("POST", "/calls/c0/mark", {"label": "person"})
    assert await said.json() == {"mark": "person", "before": "robot"}
    assert marks(CALLER)[:2] == (0, 1)
    assert await operator.status("POST", "/calls/c0/unmark") == 200
    assert await operator.status("POST", "/calls/c0/unmark") == 200
    assert tuple(marks(CALLER)) == (0, 0, 0.0)
    assert (await operator.json("/calls/c0"))["mark"] is None
    lines = [line for line in await daemon_desk.audit() if line.what == "call marked"]
    assert [(line.before, line.after) for line in reversed(lines)] == [
        ("c0: unmarked", "c0: robot"),
        ("c0: robot", "c0: person"),
        ("c0: person", "c0: unmarked"),
    ]
    assert {line.who for line in lines} == {"operator"}


async def test_a_caller_goes_on_a_list_and_off_again(daemon_desk: MadeDesk) -> None:
    await filled(daemon_desk, 1)
    operator = await daemon_desk.log_in("operator")
    body = {"list": "deny", "reason": "sells solar", "expires": "7d"}
    assert await operator.status("POST", "/calls/c0/list", body) == 200
    assert [entry.value for entry in daemon_desk.office.listed(CALLER)] == [CALLER]
    assert (await operator.json("/calls/c0"))["listed"][0]["reason"] == "sells solar"
    assert await operator.status("DELETE", "/calls/c0/list/deny") == 200
    assert daemon_desk.office.listed(CALLER) == []
    assert await operator.status("DELETE", "/calls/c0/list/deny") == 404
    assert await operator.status("DELETE", "/calls/c0/list/other") == 404


async def test_who_has_no_number_goes_on_no_list(daemon_desk: MadeDesk) -> None:
    await filled(daemon_desk, 1, caller="", caller_raw="anonymous", caller_kind="anonymous")
    operator = await daemon_desk.log_in("operator")
    assert await operator.status("POST", "/calls/c0/list", {"list": "deny"}) == 409
    assert await operator.status("POST", "/calls/c0/mark", {"label": "robot"}) == 200  # the word is kept with the call


async def test_viewers_change_nothing_and_no_foreign_page_does(daemon_desk: MadeDesk) -> None:
    await filled(daemon_desk, 1)
    viewer, operator = await daemon_desk.log_in("viewer"), await daemon_desk.log_in("operator")
    changes = (
        ("POST", "/calls/c0/mark", {"label": "robot"}),
        ("POST", "/calls/c0/unmark", None),
        ("POST", "/calls/c0/list", {"list": "deny"}),
        ("DELETE", "/calls/c0/list/deny", None),
    )
    for method, path, body in changes:
        assert await viewer.status(method, path, body) == 403
        assert await Browser(operator.client).status(method, path, body) == 403  # without the CSRF token
    assert daemon_desk.office.marks(CALLER).robot == 0


async def test_masked(masked_desk: MadeDesk) -> None:
    """The whole answer has no digit that is hidden, and a caller is found by the whole number alone."""
    reason = (Evidence("neighbour", 1.0, 2.0, f"as {CALLER} did"),)
    await filled(masked_desk, 2, caller_name="call 415 555 0100", evidence=reason)
    operator, admin = await masked_desk.log_in("operator"), await masked_desk.log_in("admin")
    assert await operator.status("POST", "/calls/c0/list", {"list": "deny", "reason": f"is {CALLER}"}) == 200
    for path in ("/calls", "/calls/c1", "/calls?number=4155550100", "/lists?list=deny"):
        said = await (await operator.send("GET", path)).text()
        assert "0100" not in said, path
        assert "+1415555••••" in said, path
    assert len(await ids(operator, "number=415555")) == 0
    assert (await admin.json("/calls/c1"))["call"]["caller"] == CALLER
    assert await operator.status("DELETE", "/calls/c0/list/deny") == 200  # undone without knowing the number


async def test_a_store_that_is_away(tmp_path: Path, daemon_desk: MadeDesk) -> None:
    viewer = await daemon_desk.log_in("viewer")
    await daemon_desk.office.store.close()
    assert await viewer.status("GET", "/calls") == 503
