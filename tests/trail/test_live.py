"""The live trail: what becomes of a call reaches the judge once, and every open call is given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.clock import ManualClock
from agi_screen.base.happened import CallBegun, CallLost, CallOver, Happened, Marked
from agi_screen.base.records import CallerRecord, CallRecord, Disposition, Pass
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.judge.callers import Callers
from agi_screen.trail.calls import Recorder
from agi_screen.trail.feedback import FeedbackBook
from agi_screen.trail.live import LiveTrail
from agi_screen.trail.tracker import CallTracker
from tests.fakes.fake_store import FakeStore
from tests.judge.calls import a_call_at
from tests.made import NOON, a_call, an_end

CALLER = "+14155550100"


@dataclass(frozen=True, slots=True)
class Heard:
    name: str
    fields: dict[str, str]


class FakePasses:
    """No passes."""

    def dirty(self) -> list[Pass]:
        return []


class FakeAsterisk:
    """Listens to user events, or is away."""

    def __init__(self) -> None:
        self.connected = True
        self.told: list[str] = []

    def user_event(self, name: str, fields: Mapping[str, str]) -> None:
        self.told.append(f"{name} {fields['CallID']}")


@dataclass
class FakeLearner:
    """Writes down what it is told, and remembers callers as the judge does."""

    told: list[Happened] = field(default_factory=list)
    callers: Callers = field(default_factory=lambda: Callers(100))

    def learn(self, happened: Happened) -> None:
        self.told.append(happened)
        self.callers.learn(happened)

    def changed_callers(self) -> list[CallerRecord]:
        return self.callers.changed()


class Centre:
    """The trail put together as the daemon does, without a daemon."""

    def __init__(self, capacity: int = 100) -> None:
        self.clock = ManualClock(NOON)
        self.store, self.asterisk, self.judge = FakeStore(), FakeAsterisk(), FakeLearner()
        self.recorder = Recorder(self.store, self.clock, flush_seconds=3600.0, backlog=1000)
        self.tracker = CallTracker(self.ended, self.clock, capacity, on_lost=self.lost)
        parts = (self.recorder, self.tracker, FakePasses(), self.judge, self.asterisk)
        self.trail = LiveTrail(*parts, FeedbackBook(100), self.clock)

    def ended(self, *end_and_record: object) -> None:
        self.trail.ended(*end_and_record)  # type: ignore[arg-type]

    def lost(self, record: CallRecord) -> None:
        self.trail.lost(record)

    def hear(self, name: str, uniqueid: str, **fields: str) -> None:
        self.tracker.take(Heard(name, {"Uniqueid": uniqueid, **fields}))

    @property
    def told(self) -> list[str]:
        return [type(one).__name__ for one in self.judge.told]

    @property
    def open(self) -> int:
        return self.judge.callers.peek(a_call_at(NOON, CALLER)).open


def test_a_call_that_ends_tells_the_judge_once() -> None:
    centre = Centre()
    centre.trail.decided(a_call("c1", caller=CALLER))
    assert (centre.told, centre.open) == (["CallBegun"], 1)
    for _ in range(2):
        centre.hear("Hangup", "u-c1", Cause="16")
    assert (centre.told, centre.open) == (["CallBegun", "CallOver"], 0)


def test_the_judge_is_told_how_it_ended() -> None:
    centre = Centre()
    record = a_call("c1", caller=CALLER, verdict=Verdict.CHALLENGE, final_verdict=Verdict.DIVERT)
    centre.trail.ended(
        an_end("u-c1", disposition=Disposition.ABANDONED, queue_wait=9.0, talk_time=0.0, cause=17), record
    )
    who = (CALLER, record.dialled, record.trunk, record.started, NOON + 90)
    assert centre.judge.told == [CallOver(*who, Verdict.DIVERT, Disposition.ABANDONED, 9.0, 0.0, 17)]


@pytest.mark.parametrize(
    ("numbers", "key"),
    [
        ({"caller": CALLER}, CALLER),
        ({"caller": "", "caller_raw": "411"}, "411"),
        ({"caller": "", "caller_raw": "", "caller_kind": "absent"}, "absent"),
    ],
)
def test_the_caller_is_who_the_judge_knows(numbers: dict[str, str], key: str) -> None:
    centre = Centre()
    centre.trail.decided(a_call("c1", **numbers))
    assert centre.judge.told == [CallBegun(key)]


def test_a_second_verdict_of_the_same_call_begins_no_other() -> None:
    """`/decide`, and `/captcha` later."""
    centre = Centre()
    for captcha in (CaptchaResult.SKIPPED, CaptchaResult.PASSED):
        centre.trail.decided(a_call("c1", caller=CALLER, captcha=captcha))
    assert centre.open == 1
    centre.hear("Hangup", "u-c1")
    assert (centre.told, centre.open) == (["CallBegun", "CallOver"], 0)


def test_who_hangs_up_in_the_captcha_leaves_no_open_call() -> None:
    centre = Centre()
    centre.trail.challenged("u-c1")
    centre.hear("Hangup", "u-c1")
    centre.trail.decided(a_call("c1", caller=CALLER, captcha=CaptchaResult.HUNGUP))
    assert (centre.told, centre.open, len(centre.tracker)) == ([], 0, 0)


def test_without_ami_nothing_is_open() -> None:
    centre = Centre()
    centre.asterisk.connected = False
    centre.trail.decided(a_call("c1", caller=CALLER))
    assert (centre.told, len(centre.tracker), centre.asterisk.told) == ([], 0, [])


def test_a_call_whose_end_is_lost_gives_back_what_it_took() -> None:
    centre = Centre(capacity=1)
    centre.trail.decided(a_call("c1", caller=CALLER))
    centre.trail.decided(a_call("c2", caller="+16125550100"))
    assert centre.judge.told[1:] == [CallLost(CALLER), CallBegun("+16125550100")]
    assert centre.open == 0


def test_a_call_that_lasts_too_long_gives_back_what_it_took() -> None:
    centre = Centre()
    centre.trail.decided(a_call("c1", caller=CALLER))
    centre.clock.advance(86_400.0)
    centre.tracker.expire()
    assert (centre.told, centre.open) == (["CallBegun", "CallLost"], 0)


@given(
    st.lists(
        st.tuples(st.sampled_from(["decided", "challenged", "hangup", "away", "back", "wait"]), st.integers(0, 5)),
        max_size=40,
    )
)
def test_open_calls_are_those_followed(steps: list[tuple[str, int]]) -> None:
    """Whatever comes, in whatever order: each begun call is over or lost once, and nobody else's."""
    centre = Centre(capacity=3)
    for step, n in steps:
        if step == "decided":
            centre.trail.decided(a_call(f"c{n}", caller=CALLER))
        elif step == "challenged":
            centre.trail.challenged(f"u-c{n}")
        elif step == "hangup":
            centre.hear("Hangup", f"u-c{n}")
        elif step == "wait":
            centre.clock.advance(n * 3600.0)
        else:
            centre.asterisk.connected = step == "back"
        counts = Counter(centre.told)
        assert centre.open == counts["CallBegun"] - counts["CallOver"] - counts["CallLost"] <= len(centre.tracker)


async def test_what_is_learned_of_a_caller_is_written() -> None:
    centre = Centre()
    centre.trail.decided(a_call("c1", caller=CALLER))
    centre.hear("DialEnd", "u-c1", DialStatus="ANSWER", DestChannel="PJSIP/anna-1", DestUniqueid="leg")
    centre.clock.advance(61.0)
    centre.hear("Hangup", "u-c1")
    await centre.recorder.flush()
    assert [(c.caller, c.talks, c.talked) for c in centre.store.kept_callers] == [(CALLER, 1, 61.0)]
    await centre.recorder.close()


async def test_an_operators_mark_reaches_judge_and_store() -> None:
    centre = Centre()
    assert not centre.trail.feedback("PJSIP/anna", "robot")
    centre.trail.decided(a_call("c1", caller=CALLER))
    centre.hear("DialEnd", "u-c1", DialStatus="ANSWER", DestChannel="PJSIP/anna-1")
    assert centre.trail.feedback("PJSIP/anna", "robot")
    assert centre.judge.told[-1] == Marked(CALLER, "robot", NOON)
    await centre.recorder.flush()
    assert [(c.caller, c.robot) for c in centre.store.kept_callers] == [(CALLER, 1)]
    assert [mark.call_id for mark in centre.store.kept_feedback] == ["c1"]
    await centre.recorder.close()
