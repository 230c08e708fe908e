"""What is recorded comes back, and is found again however it is asked for."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agi_screen.base.clock import ManualClock
from agi_screen.base.records import CallRecord, Feedback
from agi_screen.base.store import Store
from agi_screen.base.store_calls import GROUPS, StoredCall
from agi_screen.base.store_place import node_name
from agi_screen.base.store_search import CallFilter, select_calls
from agi_screen.base.text import storable
from agi_screen.base.verdict import CaptchaResult, Evidence, Verdict
from tests.made import NOON, a_call, an_end
from tests.places import rows_of

MOST = GROUPS[0]
in_one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
any_text = st.text(st.characters(), max_size=20)


async def test_a_call_comes_back_whole(store: Store) -> None:
    call, node = a_call("c1"), node_name() if store.shared else ""
    await store.save_calls([call])
    assert await store.calls(CallFilter()) == [StoredCall(call, None, node)]
    end = an_end(call.uniqueid)
    await store.save_ends([end])
    assert await store.calls(CallFilter(id="c1")) == [StoredCall(call, end, node)]


async def test_the_end_may_come_first(store: Store) -> None:
    await store.save_ends([an_end("u-c1")])
    await store.save_calls([a_call("c1")])
    assert (await store.calls(CallFilter()))[0].end == an_end("u-c1")


@in_one_store
@given(any_text, any_text, st.floats(), st.floats(), st.integers(-(2**80), 2**80))
async def test_nothing_from_the_wire_makes_a_call_unwritable(
    store: Store, name: str, reason: str, score: float, points: float, number: int
) -> None:
    evidence = (Evidence("s", points, score, reason),)
    call = a_call(
        caller_name=name, caller_raw=name, evidence=evidence, score=score, tampering=(reason,), decide_us=number
    )
    call = call._replace(id=f"c{hash(call)}")
    await store.save_calls([call])
    await store.save_ends([an_end(call.uniqueid, cause=number, operator=name, talk_time=score)])
    found = (await store.calls(CallFilter(id=call.id)))[0].record
    # A NUL is text in a file, and none on a server.
    assert storable(found.caller_name) == storable(name)
    assert (storable(found.evidence[0].reason), tuple(map(storable, found.tampering))) == (
        storable(reason),
        (storable(reason),),
    )
    if abs(score) < float("inf") and abs(points) < float("inf"):
        assert (found.score, found.evidence[0].points) == (score, points)


async def test_a_batch_written_twice_is_there_once_with_its_last_word(store: Store) -> None:
    first = a_call("c1", final_verdict=Verdict.CHALLENGE, captcha=CaptchaResult.SKIPPED)
    await store.save_calls([first, a_call("c2")])
    last = a_call("c1", error="cut")
    await store.save_calls([last])
    assert [c.record for c in await store.calls(CallFilter(id="c1"))] == [last]
    assert len(await store.calls(CallFilter())) == 2


calls = st.lists(
    st.builds(
        a_call,
        st.text("abcdef", min_size=3, max_size=8),
        started=st.sampled_from([NOON - 7201, NOON - 3600, NOON, NOON + 1, NOON + 1.5, NOON + 2, NOON + 3601]),
        caller=st.sampled_from(["+1", "+2"]),
        dialled=st.sampled_from(["+8", "+9"]),
        verdict=st.sampled_from(Verdict),
        way=st.sampled_from(["", "callback", "human"]),
    ),
    max_size=12,
    unique_by=lambda call: call.id,
)
filters = st.builds(
    CallFilter,
    caller=st.sampled_from(["", "+1", "+3"]),
    dialled=st.sampled_from(["", "+8"]),
    verdict=st.one_of(st.none(), st.sampled_from(Verdict)),
    way=st.sampled_from(["", "", "callback"]),
    beginnings=st.sampled_from([(), (), ("ab", "c")]),
    since=st.sampled_from([None, NOON + 1]),
    until=st.sampled_from([None, NOON + 2]),
    limit=st.integers(1, 4),
)


def naive(found: list[CallRecord], wanted: CallFilter) -> list[CallRecord]:
    keep = [
        c
        for c in found
        if wanted.caller in ("", c.caller)
        and wanted.dialled in ("", c.dialled)
        and wanted.verdict in (None, c.verdict)
        and wanted.way in ("", c.way)
        and (not wanted.beginnings or c.id.startswith(wanted.beginnings))
        and (wanted.since is None or c.started >= wanted.since)
        and (wanted.until is None or c.started < wanted.until)
    ]
    return sorted(keep, key=lambda c: c.started)[::-1]  # of the same moment: the later written first


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(calls, st.lists(filters, min_size=1, max_size=5))
async def test_pages_give_each_call_once_newest_first(
    store: Store, saved: list[CallRecord], asked: list[CallFilter]
) -> None:
    await store.write(("DELETE FROM calls", [()]))
    await store.save_calls(saved)
    for wanted in asked:
        assert await _all_pages(store, wanted) == naive(saved, wanted)


async def _all_pages(store: Store, wanted: CallFilter) -> list[CallRecord]:
    found: list[CallRecord] = []
    while page := await store.calls(wanted):
        assert len(page) <= wanted.limit
        found += [call.record for call in page]
        wanted = replace(wanted, before=found[-1].id)
    return found


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CallFilter(), "calls_started"),
        (CallFilter(since=1.0, before="x"), "calls_started"),
        (CallFilter(caller="+1", verdict=Verdict.REJECT, dialled="+8"), "calls_caller"),
        (CallFilter(verdict=Verdict.REJECT, dialled="+8"), "calls_dialled"),
        (CallFilter(verdict=Verdict.REJECT, since=1.0), "calls_verdict"),
        (CallFilter(dialled="+8", until=9.0), "calls_dialled"),
        (CallFilter(verdict=Verdict.ALLOW), "calls_started"),
        (CallFilter(way="callback", since=1.0), "calls_way"),
        (CallFilter(way="callback", caller="+1"), "calls_caller"),
        (CallFilter(beginnings=("0199", "0198")), "sqlite_autoindex_calls_1"),
        (CallFilter(beginnings=("0199",), caller="+1", way="callback"), "sqlite_autoindex_calls_1"),
        (CallFilter(id="x"), "sqlite_autoindex_calls_1"),
    ],
)
async def test_each_question_walks_its_index_and_sorts_no_more_than_a_page(
    path: Path, wanted: CallFilter, index: str
) -> None:
    await (await Store.open(path, clock=ManualClock(NOON))).close()
    sql, values = select_calls(wanted)
    plan = [row[3] for row in rows_of(path, f"EXPLAIN QUERY PLAN {sql}", tuple(values))]
    inner = plan[: plan.index("SCAN page")]
    assert any(index in step for step in inner), plan
    sorts = {step for step in inner if "TEMP B-TREE" in step}
    few = "FOR ORDER BY" if wanted.beginnings else "FOR RIGHT PART OF ORDER BY"  # else the calls of one slot
    assert sorts <= {f"USE TEMP B-TREE {few}"}, plan
    assert not any(step == "SCAN c" for step in plan), plan


async def test_points_of_signals_can_be_asked_for_afterwards(store: Store) -> None:
    await store.save_calls([a_call("c1"), a_call("c2", evidence=())])
    sql = "SELECT c.id, e.value ->> 1 FROM calls c, json_each(c.evidence) e WHERE e.value ->> 0 = 'caller_rate'"
    assert [(ident, float(points)) for ident, points in rows_of(store.place, sql)] == [("c1", 0.5)]


async def test_feedback_and_settings_are_kept_with_their_history(store: Store) -> None:
    for _ in range(2):  # it was not known whether it was written
        await store.save_feedback(Feedback("c1", "+1", "robot", "PJSIP/101", NOON))
    assert await store.setting("level") is None
    await store.set_setting("level", "siege", "ann", NOON)
    await store.set_setting("level", "normal", "bob", NOON + 1)
    assert await store.setting("level") == "normal"
    assert rows_of(store.place, "SELECT value, who, at FROM settings_history ORDER BY n") == [
        ("siege", "ann", NOON),
        ("normal", "bob", NOON + 1),
    ]
    assert rows_of(store.place, "SELECT call_id, label FROM feedback") == [("c1", "robot")]


@pytest.mark.parametrize("count", [0, 1, 9, 10, MOST - 1, MOST, MOST + 1, 3 * MOST + 27])
async def test_a_batch_of_any_size_is_written_whole_and_in_order(store: Store, count: int) -> None:
    records = [a_call(f"c{n:05}", started=float(n), caller_name=f"name {n}") for n in range(count)]
    await store.save_calls(records)
    found = await store.calls(CallFilter(limit=count + 1))
    assert [call.record for call in reversed(found)] == records


async def test_one_bad_call_costs_no_other_its_record(store: Store) -> None:
    bad = {7: a_call("bad-name", caller_name="\udcff"), 8: a_call("bad-time", started=float("nan"))}
    records = [bad.get(n) or a_call(f"c{n:05}", started=float(n)) for n in range(MOST + 11)]
    await store.save_calls([*records, a_call("bad-number", decide_us=2**70)])
    found = {call.record.id: call.record for call in await store.calls(CallFilter(limit=1000))}
    assert len(found) == len(records) + 1
    assert (found["bad-name"].caller_name, found["bad-time"].started, found["bad-number"].decide_us) == (
        "?",
        0,
        2**63 - 1,
    )


async def test_a_group_with_the_same_call_twice_keeps_its_last_word(store: Store) -> None:
    twice = [a_call("c1", error=""), *(a_call(f"x{n}") for n in range(MOST)), a_call("c1", error="late")]
    await store.save_calls(twice)
    await store.save_calls(twice)
    assert (await store.calls(CallFilter(id="c1")))[0].record.error == "late"
    assert len(await store.calls(CallFilter(limit=1000))) == MOST + 1
