"""Which calls count as idle in the menu: by AMI events as they come, and by any at all."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.clock import ManualClock
from agi_screen.base.config import Menu
from agi_screen.trail.tracker import CallTracker
from tests.made import a_call

TIMES = Menu.model_validate({"early": "10s", "silence": "15s", "short_talk": "8s"})
UNIQUEID = "1800000000.1"
CALL = a_call(uniqueid=UNIQUEID)


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of the screened call."""

    name: str
    fields: dict[str, str]


KEY = Heard("DTMFEnd", {"Uniqueid": UNIQUEID, "Direction": "Received", "Digit": "1"})
SENT = Heard("DTMFEnd", {"Uniqueid": UNIQUEID, "Direction": "Sent", "Digit": "1"})
JOIN = Heard("QueueCallerJoin", {"Uniqueid": UNIQUEID, "Queue": "operators"})
ABANDON = Heard("QueueCallerAbandon", {"Uniqueid": UNIQUEID, "Queue": "operators"})
CONNECT = Heard("AgentConnect", {"Uniqueid": UNIQUEID, "DestUniqueid": "1800000000.2", "Interface": "PJSIP/anna"})
OPERATOR_LEAVES = Heard("Hangup", {"Uniqueid": "1800000000.2"})
CALLER_ENDS_TALK = Heard("AgentComplete", {"Uniqueid": UNIQUEID, "Reason": "caller"})
SPEAKS = Heard("ChannelTalkingStart", {"Uniqueid": UNIQUEID})
HANGUP = Heard("Hangup", {"Uniqueid": UNIQUEID, "Cause": "16"})
Step = Heard | float


class Watched:
    """One screened call and what was said of its way through the menu."""

    def __init__(self, menu: Menu | None = TIMES) -> None:
        self.clock = ManualClock(1000.0)
        self.seen: list[bool] = []
        self.tracker = CallTracker(
            lambda end, record: None, self.clock, on_menu=lambda record, idle: self.seen.append(idle), menu=menu
        )

    def goes(self, *steps: Step) -> list[bool]:
        """Events, and seconds between them, up to the hang-up."""
        for step in (*steps, HANGUP):
            if isinstance(step, Heard):
                self.tracker.take(step)
            else:
                self.clock.advance(step)
        return self.seen


@pytest.mark.parametrize(
    ("steps", "seen"),
    [
        ((2.0, KEY, 30.0), [True]),  # the robots of the news report
        ((2.0, KEY, 10.0), [False]),  # hung up at once: a person who changed their mind
        ((12.0, KEY, 30.0), [False]),  # listened first
        ((2.0, KEY, 5.0, KEY, 30.0), [False]),
        ((2.0, KEY, 5.0, SPEAKS, 30.0), [False]),
        ((30.0,), []),  # no key: perhaps there is no menu
        ((2.0, SENT, 30.0), []),  # a key that Asterisk sent
        ((2.0, KEY, JOIN, 600.0, ABANDON), [False]),  # waited, as everybody does
        ((2.0, KEY, JOIN, 60.0, CONNECT, 4.0, OPERATOR_LEAVES), [True]),  # the operator heard nobody
        ((2.0, KEY, JOIN, 60.0, CONNECT, 4.0, CALLER_ENDS_TALK), [False]),
        ((2.0, KEY, JOIN, 60.0, CONNECT, 90.0, OPERATOR_LEAVES), [False]),
        ((2.0, KEY, JOIN, 60.0, CONNECT, 2.0, SPEAKS, 2.0, OPERATOR_LEAVES), [False]),
    ],
)
def test_ways_through_the_menu(steps: tuple[Step, ...], seen: list[bool]) -> None:
    watched = Watched()
    watched.tracker.started(UNIQUEID, record=CALL)
    assert watched.goes(*steps) == seen


def test_keys_of_the_captcha_are_none_of_the_menu_s() -> None:
    watched = Watched()
    watched.tracker.started(UNIQUEID)  # the CAPTCHA begins
    for _ in range(3):
        watched.tracker.take(KEY)
    watched.tracker.started(UNIQUEID, record=CALL)
    watched.tracker.take(KEY)  # its last key, told late
    assert watched.goes(3.0, KEY, 30.0) == [True]


def test_without_a_record_or_times_nothing_is_said() -> None:
    unknown, off = Watched(), Watched(None)
    unknown.tracker.started(UNIQUEID)
    off.tracker.started(UNIQUEID, record=CALL)
    assert unknown.goes(2.0, KEY, 30.0) == off.goes(2.0, KEY, 30.0) == []


STEPS = st.lists(
    st.sampled_from([KEY, SENT, JOIN, ABANDON, CONNECT, OPERATOR_LEAVES, CALLER_ENDS_TALK, SPEAKS])
    | st.floats(0.0, 100.0),
    max_size=20,
)


@given(STEPS)
def test_whatever_comes_only_one_lone_early_key_is_idle(steps: list[Step]) -> None:
    watched = Watched()
    watched.tracker.started(UNIQUEID, record=CALL)
    seen = watched.goes(*steps)
    assert len(seen) == (KEY in steps)
    if True in seen:
        assert steps.count(KEY) == 1
        assert SPEAKS not in steps
