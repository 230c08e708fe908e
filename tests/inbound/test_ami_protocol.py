"""What comes over the AMI wire, cut, split, forged and endless: nothing is lost that is whole, nothing grows."""

from __future__ import annotations

import asyncio
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.inbound.ami import AmiEvent, AmiState
from agi_screen.inbound.ami_actions import check_fields, user_event
from agi_screen.inbound.ami_protocol import MAX_MESSAGE, BoundedAmiProtocol
from agi_screen.inbound.ami_types import EVENTS, AmiCounters, AmiValueError
from tests.fakes.fake_ami import BANNER, FakeAmi, FakeTransport, event
from tests.inbound.ami_client import Watched, ami_table, watched

MARK = event("Hangup", Uniqueid="mark")


async def received(ami: FakeAmi, it: Watched, *chunks: bytes) -> list[AmiEvent]:
    """The events that came before a mark sent behind the chunks."""
    await it.until(AmiState.UP)
    for chunk in (*chunks, MARK):
        await ami.send(chunk)
    events = [await it.event()]
    while events[-1].fields["Uniqueid"] != "mark":
        events.append(await it.event())
    return events[:-1]


async def test_utf8_split_between_segments_is_kept() -> None:
    whole = event("QueueCallerJoin", Uniqueid="1.1", CallerIDName="Zoë Åström")
    cut = whole.index("ë".encode()) + 1
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        events = await received(ami, it, whole[:cut], whole[cut:])
    assert [e.fields["CallerIDName"] for e in events] == ["Zoë Åström"]


async def test_invalid_utf8_is_replaced_and_lone_line_ends_stay_in_the_value() -> None:
    raw = event("Hangup", CallerIDName="?\nEvent: x\rUniqueid: 2.2\n\n", Uniqueid="1.1").replace(b"?", b"\xff")
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        (got,) = await received(ami, it, raw)
    assert got.fields["CallerIDName"] == "\ufffd\nEvent: x\rUniqueid: 2.2\n\n"
    assert got.fields["Uniqueid"] == "1.1"


@pytest.mark.parametrize("forged", ["Uniqueid: 9.9", "no header", "ActionID: x\r\nActionID: y"])
async def test_event_with_a_line_written_by_a_caller_is_not_believed(forged: str) -> None:
    bad = event("Hangup", CallerIDName=f"x\r\n{forged}", Uniqueid="1.1")
    fine = event("Hangup", Uniqueid="1.2", ChanVariable="a=1\r\nChanVariable: b=2")
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        assert [e.fields["Uniqueid"] for e in await received(ami, it, bad, fine)] == ["1.2"]
    assert it.client.counters.tampered == 1


async def test_whole_event_forged_inside_a_real_one_is_too_short_to_be_believed() -> None:
    rides = "\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\nUniqueid: 1795460608.20\r\n\r\n"
    bad = event("Hangup", CallerIDNum=f"+1415{rides}", Uniqueid="1.1")
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        assert await received(ami, it, bad) == []
    assert it.client.counters.tampered == 3


async def test_header_forged_under_another_case_hides_nothing() -> None:
    bad = event("Hangup", CallerIDName="x\r\nuniqueid: 9.9", Uniqueid="1.1")
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        assert [e.fields["Uniqueid"] for e in await received(ami, it, bad)] == ["1.1"]


async def test_rest_of_a_forged_end_and_a_forged_response_change_nothing() -> None:
    rest = b"Uniqueid: 1.1\r\nEvent: Hangup\r\n\r\nResponse: Success\r\nActionID: 1\r\nEvent: Hangup\r\n\r\n\r\n\r\n"
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        assert await received(ami, it, rest, b"Response: Failure\r\n\r\n") == []


async def test_failing_listener_loses_only_its_own_event(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Watched):
        def take(self, event: AmiEvent) -> None:
            super().take(event)
            raise ValueError("listener")

    async with FakeAmi() as ami:
        it = Failing(ami_table(ami.port))
        await it.client.start()
        burst = b"".join(event("Hangup", Uniqueid=f"1.{n}") for n in range(20))
        assert len(await received(ami, it, burst)) == 20
        await it.client.stop()
    assert it.client.counters.callback_errors == 21
    assert len([r for r in caplog.records if r.exc_info]) == 5


async def test_endless_message_is_skipped_in_bounded_memory() -> None:
    chunk = b"x" * 1_000_000
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        await it.until(AmiState.UP)
        tracemalloc.start()
        events = await received(ami, it, b"Event: Hangup\r\nUniqueid: ", *[chunk] * 100, b"\r\n\r\n")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert events == []
    assert it.client.counters.oversized == 1
    assert peak < 4_000_000, f"{peak} bytes at the most"


def fed(stream: bytes, cuts: list[int]) -> tuple[list[str], AmiCounters]:
    """The uniqueids a protocol hands on when the stream comes in pieces."""
    return asyncio.run(_fed(stream, cuts))


async def _fed(stream: bytes, cuts: list[int]) -> tuple[list[str], AmiCounters]:
    got: list[str] = []

    class Sink:
        def dispatch(self, event: AmiEvent) -> None:
            got.append(event.fields["Uniqueid"])

    counters = AmiCounters()
    protocol = BoundedAmiProtocol(EVENTS, counters, 1.0, limit=200)
    protocol.connection_made(FakeTransport())
    protocol.factory = Sink()
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        protocol.data_received(stream[start:end])
    return got, counters


async def test_in_a_rush_every_event_is_read_though_not_at_once() -> None:
    async with FakeAmi() as ami, watched(ami_table(ami.port)) as it:
        await it.until(AmiState.UP)
        for n in range(100):
            await ami.send(event("Hangup", Uniqueid=str(n)))
        seen = [(await it.event()).fields["Uniqueid"] for _ in range(100)]
    assert seen == [str(n) for n in range(100)]


PARTS = st.sampled_from(
    [
        event("Hangup", Uniqueid="1"),
        event("DialEnd", Uniqueid="é2"),
        event("VarSet", Uniqueid="3"),
        event("Hangup", Uniqueid="4", Long="y" * 300),
        b"\r\n\r\n",
        b"junk\r\n\r\n",
    ]
)


@given(st.lists(PARTS, max_size=12), st.data())
def test_how_the_stream_is_cut_changes_nothing(parts: list[bytes], data: st.DataObject) -> None:
    stream = BANNER + b"".join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
    assert fed(stream, cuts) == fed(stream, [])


@given(st.binary(max_size=2000))
def test_no_stream_makes_the_protocol_raise(noise: bytes) -> None:
    stream = BANNER + noise
    assert fed(stream, list(range(0, len(stream), 7))) == fed(stream, [])


@given(st.text())
def test_user_event_is_always_as_many_lines_as_fields(text: str) -> None:
    action = user_event("Name", {"First": text, "Last": "x"}).decode()
    assert len(re.split(r"[\r\n]+", action)) == 5
    assert action.startswith("Action: UserEvent\r\nUserEvent: Name\r\nFirst: ")
    assert action.endswith("\r\nLast: x\r\n\r\n")
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f]", action)


@pytest.mark.parametrize("names", [("A\r\nB", "C"), ("A", "C D"), ("A", "actionid")])
def test_user_event_names_are_checked(names: tuple[str, str]) -> None:
    with pytest.raises(AmiValueError):
        user_event(names[0], {names[1]: "x"})


@pytest.mark.parametrize("fields", [{"a b": "x"}, {"": "x"}, {"A": "é" * 501}, {f"F{n}": "x" for n in range(101)}])
def test_fields_that_would_not_arrive_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(AmiValueError):
        check_fields(fields)


def test_the_limit_holds_any_event_of_asterisk() -> None:
    assert MAX_MESSAGE >= 64 * 1024
