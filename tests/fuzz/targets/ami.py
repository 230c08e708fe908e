"""Bytes from Asterisk's manager interface, whole and in pieces, and what the trackers make of the events."""

from __future__ import annotations

import asyncio

from agi_screen.base.clock import ManualClock
from agi_screen.inbound.ami_listing import Listing
from agi_screen.inbound.ami_protocol import BoundedAmiProtocol
from agi_screen.inbound.ami_types import EVENTS, QUEUES, AmiCounters, AmiEvent
from agi_screen.trail.board.queues import QueueBoard
from agi_screen.trail.tracker import CallTracker
from tests.fakes.fake_ami import BANNER, FakeTransport, event
from tests.fuzz.target import Target, pieces
from tests.made import NOON, a_call

LIMIT = 4096  # of a message here, so that it is met often
LISTED = "QueueStatus-1"
ID = f"ActionID: {LISTED}\r\n\r\n".encode()
CHANNEL = {"Uniqueid": "1.1", "Queue": "operators", "CallerIDNum": "4155552671", "CallerIDName": "Zoë"}
SEEDS = (
    BANNER + b"Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n",
    BANNER + event("QueueCallerJoin", Position="1", Count="1", **CHANNEL) + event("Hangup", Cause="16", **CHANNEL),
    BANNER + event("AgentConnect", HoldTime="4", Interface="PJSIP/1", DestUniqueid="1.2", **CHANNEL),
    BANNER + event("AgentComplete", TalkTime="61", HoldTime="4", Reason="caller", **CHANNEL),
    BANNER + event("DTMFEnd", Digit="5", DurationMs="120", Direction="Received", **CHANNEL),
    BANNER + event("DialEnd", DialStatus="ANSWER", DestChannel="PJSIP/1-2", DestUniqueid="1.2", **CHANNEL),
    BANNER + event("ChannelTalkingStart", **CHANNEL) + event("ChannelTalkingStop", Duration="640", **CHANNEL),
    BANNER + event("UserEvent", UserEvent="AgiScreenOpen", Error="died", **CHANNEL),
    BANNER + event("QueueCallerAbandon", HoldTime="9", **CHANNEL) + event("QueueCallerLeave", **CHANNEL),
    BANNER
    + b"Event: QueueParams\r\nQueue: operators\r\nCalls: 1\r\n"
    + ID
    + b"Event: QueueMember\r\nQueue: operators\r\nStateInterface: PJSIP/1\r\nStatus: 1\r\nPaused: 0\r\n"
    + ID
    + b"Event: QueueEntry\r\nQueue: operators\r\nUniqueid: 1.1\r\nWait: 7\r\n"
    + ID
    + b"Event: QueueStatusComplete\r\nListItems: 3\r\n"
    + ID,
)
WORDS = (
    *(b"\r\n\r\n", b"\r\n", b"\r", b"Event: ", b"Response: ", b"ActionID: 1", b"Privilege: call,all", b"Uniqueid: 1.1"),
    *(b"Channel: x", b"Linkedid: 1.1", BANNER, *(name.encode() for name in sorted(EVENTS))),
)


class AmiStream(Target):
    """How the stream is cut changes nothing; no listener fails; nothing grows past its limit."""

    name = "ami"
    what = "AMI bytes, cut anywhere, and the events' way into trackers of calls and queues"
    words = WORDS
    line_end = b"\r\n"
    seeds = SEEDS
    modules = ("agi_screen.inbound.ami_protocol", "agi_screen.inbound.ami_listing", "agi_screen.trail")

    def __init__(self) -> None:
        self._clock = ManualClock(NOON)
        self._tracker = CallTracker(lambda *_: None, self._clock, 100)
        self._queues = QueueBoard(self._clock)
        self._record = a_call()

    def take(self, data: bytes) -> None:
        self._clock.advance(0.1)
        whole, cut = fed([data]), fed(pieces(data))
        assert whole == cut, (whole, cut)
        events, listed, counters = whole
        assert not counters.callback_errors
        self._tracker.started("1.1", record=self._record)
        for each in events:
            self._tracker.take(each)
            self._queues.take(each)
        if listed:
            self._queues.listed(listed)
        assert len(self._tracker) <= 100


class Untimed(BoundedAmiProtocol):
    """Does not rest: the target is no socket, and its timers would be millions."""

    def _rest_when_busy(self) -> None:
        """Nothing."""


class Sink:
    """Keeps the events."""

    def __init__(self) -> None:
        self.got: list[AmiEvent] = []

    def dispatch(self, event: AmiEvent) -> None:
        self.got.append(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody tries again."""


Fed = tuple[list[AmiEvent], list[AmiEvent], AmiCounters]


def fed(chunks: list[bytes]) -> Fed:
    """The events, those of a list that was asked for, and the counters."""
    counters, sink = AmiCounters(), Sink()
    protocol = Untimed(EVENTS, counters, 1.0, limit=LIMIT)
    protocol.connection_made(FakeTransport())
    protocol.factory = sink
    listing = protocol.listings[LISTED] = Listing(QUEUES, asyncio.get_running_loop().create_future())
    for chunk in chunks:
        protocol.data_received(chunk)
        if protocol.problem:
            break  # the connection was ended
        assert len(protocol._buffer) <= LIMIT
    return sink.got, listing.events, counters
