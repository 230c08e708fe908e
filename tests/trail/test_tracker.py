"""The call tracker on events recorded from a real Asterisk, and on any events at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.clock import ManualClock
from agi_screen.base.records import CallEnd, Disposition
from agi_screen.trail.tracked import interface_of, whole_number
from agi_screen.trail.tracker import CallTracker

EVENTS = Path(__file__).with_name("events")


@dataclass(frozen=True, slots=True)
class Heard:
    """One recorded event; `at` in seconds."""

    name: str
    fields: dict[str, str]
    at: float = 0.0


def recorded(name: str) -> list[Heard]:
    """A file of `events/`."""
    blocks = (EVENTS / f"{name}.txt").read_text().split("\n\n")[1:]
    return list(map(heard, blocks))


def heard(block: str) -> Heard:
    at, first, *lines = block.strip().split("\n")
    return Heard(first.removeprefix("Event: "), dict(x.split(": ", 1) for x in lines), float(at.removeprefix("# ")))


class Track:
    """A tracker, its clock, and what it told."""

    def __init__(self, capacity: int = 100, longest_call: float = 3600.0) -> None:
        self.clock = ManualClock(wall=1000.0)
        self.ends: list[CallEnd] = []
        self.tracker = CallTracker(lambda end, _: self.ends.append(end), self.clock, capacity, longest_call)

    def replay(self, events: list[Heard]) -> CallEnd | None:
        """Screens the caller of the first event, then hears all; the call's end, if it had one."""
        self.tracker.started(next(e.fields["Uniqueid"] for e in events if "trunk" in e.fields["Channel"]))
        now = 0.0
        for event in events:
            self.clock.advance(event.at - now)
            now = event.at
            self.tracker.take(event)
        return self.ends[0] if self.ends else None


@pytest.mark.parametrize(
    ("name", "disposition", "cause", "queue", "wait", "talk", "operator"),
    [
        ("operator_ends", Disposition.TALKED, 16, "operators", 0.003, 1.003, "PJSIP/operator"),
        ("caller_ends", Disposition.TALKED, 16, "operators", 0.004, 0.6, "PJSIP/operator"),
        ("caller_abandons", Disposition.ABANDONED, 0, "operators", 0.6, 0, ""),
        ("queue_times_out", Disposition.ABANDONED, 16, "operators", 1.0, 0, ""),
        ("rejected", Disposition.HUNGUP, 21, "", 0, 0, ""),
        ("dialled", Disposition.TALKED, 16, "", 0, 1.0, "PJSIP/operator"),
        ("two_talks", Disposition.TALKED, 16, "operators", 0.008, 2.0, "PJSIP/operator"),
        ("local_member", Disposition.TALKED, 16, "operators", 0.003, 1.003, "Local/7@desk/n"),
        ("talks", Disposition.HUNGUP, 0, "", 0, 0, ""),
    ],
)
def test_recorded_calls_end_as_they_ended(
    name: str, disposition: Disposition, cause: int, queue: str, wait: float, talk: float, operator: str
) -> None:
    track = Track()
    end = track.replay(recorded(name))
    assert end is not None
    assert (end.disposition, end.cause, end.queue, end.operator) == (disposition, cause, queue, operator)
    assert end.queue_wait == pytest.approx(wait, abs=0.01)
    assert end.talk_time == pytest.approx(talk, abs=0.01)
    assert len(track.ends) == 1
    assert len(track.tracker) == 0


def test_rejected_is_told_at_the_verdict() -> None:
    track = Track()
    track.tracker.started("1.1", rejected=True)
    track.tracker.take(Heard("Hangup", {"Uniqueid": "1.1", "Cause": "21"}))
    assert track.ends[0].disposition is Disposition.REJECTED


def test_calls_that_were_not_screened_are_not_followed() -> None:
    track = Track()
    for event in recorded("operator_ends"):
        track.tracker.take(event)
    assert track.ends == []


def test_operator_s_last_call_is_remembered_after_its_end() -> None:
    track = Track()
    end = track.replay(recorded("operator_ends"))
    assert end is not None
    assert track.tracker.last_call_of("PJSIP/operator") == end.uniqueid
    assert track.tracker.last_call_of("PJSIP/operator-0000002a") == end.uniqueid
    assert track.tracker.last_call_of("PJSIP/other") is None


def test_speech_is_added_up_while_the_call_lasts() -> None:
    events = recorded("talks")
    track = Track()
    track.replay(events[:-1])
    uniqueid = events[0].fields["Uniqueid"]
    told = sum(int(e.fields["Duration"]) for e in events if "Duration" in e.fields) / 1000
    assert track.tracker.spoken(uniqueid) == pytest.approx(told, abs=0.4)
    assert track.tracker.spoken("9.9") == 0


def test_the_silence_that_ends_a_talk_is_none_of_it() -> None:
    track = Track()
    track.tracker.started("1.1")
    begins, ends = "ChannelTalkingStart", "ChannelTalkingStop"
    events: list[tuple[float, str, dict[str, str]]] = [
        (0.0, begins, {}),
        (2.6, ends, {"Duration": "2000"}),
        (1.0, begins, {}),
        (1.0, ends, {"Duration": "9999"}),  # longer than it can be
        (1.0, begins, {}),
        (0.5, ends, {"Duration": "soon"}),
        (1.0, ends, {"Duration": "2000"}),  # of no talk that was heard to begin
    ]
    for after, name, fields in events:
        track.clock.advance(after)
        track.tracker.take(Heard(name, {"Uniqueid": "1.1", **fields}))
    assert track.tracker.spoken("1.1") == pytest.approx(2.0 + 1.0 + 0.5)


def test_call_whose_connect_was_lost_is_told_by_agent_complete() -> None:
    track = Track()
    end = track.replay([e for e in recorded("operator_ends") if e.name not in ("AgentConnect", "DialEnd")])
    assert end is not None
    assert (end.disposition, end.talk_time, end.operator) == (Disposition.TALKED, 1, "PJSIP/operator")


def test_repeated_connect_does_not_begin_the_talk_anew() -> None:
    events = recorded("operator_ends")
    again = replace(next(e for e in events if e.name == "AgentConnect"), at=0.9)
    end = Track().replay([*(e for e in events if e.at < 0.9), again, *(e for e in events if e.at > 0.9)])
    assert end is not None
    assert end.talk_time == pytest.approx(1.0, abs=0.01)


def test_talk_ends_when_the_operator_hangs_up_though_the_caller_stays() -> None:
    events = recorded("dialled")
    end = Track().replay([*events[:-1], replace(events[-1], at=events[-1].at + 30)])
    assert end is not None
    assert end.talk_time == pytest.approx(1.0, abs=0.01)


def test_late_agent_complete_of_the_first_talk_does_not_end_the_second() -> None:
    events = recorded("two_talks")
    names = [e.name for e in events]
    second = len(names) - 1 - names[::-1].index("AgentConnect")
    late = replace(events[names.index("AgentComplete")], at=events[second].at)
    end = Track().replay([*events[: second + 1], late, *events[second + 1 :]])
    assert end is not None
    assert end.talk_time == pytest.approx(2.0, abs=0.02)


def test_capacity_holds_and_what_goes_is_counted() -> None:
    track = Track(capacity=10)
    for n in range(25):
        track.tracker.started(f"1.{n}")
    assert (len(track.tracker), track.tracker.lost) == (10, 15)
    track.tracker.take(Heard("Hangup", {"Uniqueid": "1.0"}))
    track.tracker.take(Heard("Hangup", {"Uniqueid": "1.24"}))
    assert [e.uniqueid for e in track.ends] == ["1.24"]


def test_call_whose_hangup_was_lost_expires() -> None:
    track = Track(longest_call=60)
    track.tracker.started("1.1")
    track.clock.advance(50)
    track.tracker.started("1.2")
    track.clock.advance(11)
    track.tracker.started("1.3")
    track.tracker.take(Heard("Hangup", {"Uniqueid": "1.1"}))
    assert (track.ends, len(track.tracker), track.tracker.lost) == ([], 2, 1)
    track.clock.advance(61)
    track.tracker.expire()
    assert (len(track.tracker), track.tracker.lost) == (0, 3)


def test_restart_of_asterisk_lets_all_calls_go() -> None:
    track = Track()
    track.tracker.started("1.1")
    track.tracker.started("1.2")
    track.tracker.reset()
    assert (len(track.tracker), track.tracker.lost) == (0, 2)
    track.tracker.started("1.1")
    track.tracker.take(Heard("Hangup", {"Uniqueid": "1.1"}))
    assert len(track.ends) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [("16", 16), ("", 0), ("-1", 0), ("1e9", 0), ("٣", 0), ("9" * 5000, 0), ("99999", 0), (" 1", 0), ("1.5", 0)],
)
def test_numbers_from_the_wire(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("channel", "interface"),
    [
        ("PJSIP/anna-0000001f", "PJSIP/anna"),
        ("PJSIP/trunk-west-0000001f", "PJSIP/trunk-west"),
        ("Local/7@desk-00000001;1", "Local/7@desk"),
        ("PJSIP/anna", "PJSIP/anna"),
        ("", ""),
    ],
)
def test_interface_of_a_channel(channel: str, interface: str) -> None:
    assert interface_of(channel) == interface


NAMES = st.sampled_from(sorted({e.name for f in EVENTS.glob("*.txt") for e in recorded(f.stem)}))
FIELDS = st.dictionaries(
    st.sampled_from(["Uniqueid", "DestUniqueid", "Cause", "HoldTime", "TalkTime", "Queue", "Interface", "DialStatus"]),
    st.sampled_from(["1.1", "1.2", "1.3", "ANSWER", "-5", "9" * 400, "NaN", "\ud800"]) | st.text(),
)
HEARD = st.builds(Heard, NAMES, FIELDS, st.floats(0, 100))


@given(st.lists(HEARD, max_size=40))
def test_no_events_raise_and_every_call_ends_at_most_once(events: list[Heard]) -> None:
    track = Track(capacity=2)
    for uniqueid in ("1.1", "1.2", "1.3"):
        track.tracker.started(uniqueid)
    for event in events:
        track.clock.advance(event.at)
        track.tracker.take(event)
    uniqueids = [end.uniqueid for end in track.ends]
    assert len(uniqueids) == len(set(uniqueids))
    assert len(track.ends) + len(track.tracker) + track.tracker.lost == 3
    assert all(end.talk_time >= 0 and end.queue_wait >= 0 and 0 <= end.cause <= 127 for end in track.ends)


def mangled(events: list[Heard], data: st.DataObject) -> Iterator[Heard]:
    """Some events lost, some said twice."""
    for event in events:
        for _ in range(data.draw(st.integers(0, 2))):
            yield event


@given(st.sampled_from(["operator_ends", "caller_ends", "two_talks", "dialled"]), st.data())
def test_lost_and_repeated_events_never_add_talk(name: str, data: st.DataObject) -> None:
    events = recorded(name)
    track = Track()
    track.replay([*mangled(events[:-1], data), *(e for e in events if e.name == "Hangup")])
    assert len(track.ends) == 1
    assert track.ends[0].talk_time <= events[-1].at + 1
