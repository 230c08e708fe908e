"""Follows screened calls from the verdict to the hang-up, by AMI events alone; what Asterisk loses is let go.

Events are hostile: any field may be missing, repeated, forged or out of order, and none of it raises.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Protocol

from cachetools import LRUCache

from agi_screen.base.clock import Clock
from agi_screen.base.config import Menu
from agi_screen.base.records import CallEnd, CallRecord
from agi_screen.trail.menu import MenuWatch
from agi_screen.trail.tracked import TrackedCall, interface_of, whole_number

Fields = Mapping[str, str]
NANOSECONDS = 1_000_000_000
LONGEST_CALL = 6 * 3600.0


class Event(Protocol):
    """What AMI tells: the event's name and its fields."""

    @property
    def name(self) -> str: ...

    @property
    def fields(self) -> Fields: ...


class CallTracker:
    """`started()` at the verdict, `take()` for each event; `on_end` gets each screened call once."""

    def __init__(
        self,
        on_end: Callable[[CallEnd, CallRecord | None], None],
        clock: Clock,
        capacity: int = 20_000,
        longest_call: float = LONGEST_CALL,
        on_lost: Callable[[CallRecord], None] | None = None,
        on_menu: Callable[[CallRecord, bool], None] | None = None,
        menu: Menu | None = None,
    ) -> None:
        self.menu = menu
        self.lost = 0
        self._on_end = on_end
        self._on_lost = on_lost
        self._on_menu = on_menu
        self._clock = clock
        self._capacity = capacity
        self._longest_call = longest_call
        # Both plain: looked up for every event. Calls stand in the order of their start, a call has one leg at most.
        # Ordered: of a plain dict whose oldest go, finding the first takes ever longer.
        self._calls: OrderedDict[str, TrackedCall] = OrderedDict()
        self._caller_of_leg: dict[str, str] = {}
        self._missed: OrderedDict[str, Event] | None = None
        self._last_call: LRUCache[str, str] = LRUCache(capacity)
        self._handlers: dict[str, Callable[[TrackedCall, Fields], None]] = {
            "AgentComplete": self._agent_complete,
            "AgentConnect": self._agent_connect,
            "ChannelTalkingStart": self._talking_start,
            "ChannelTalkingStop": self._talking_stop,
            "DTMFEnd": self._key,
            "DialEnd": self._dial_end,
            "Hangup": self._hangup,
            "QueueCallerAbandon": self._queue_leave,
            "QueueCallerJoin": self._queue_join,
            "QueueCallerLeave": self._queue_leave,
        }

    def __len__(self) -> int:
        """Screened calls under way."""
        return len(self._calls)

    def started(self, uniqueid: str, *, rejected: bool = False, record: CallRecord | None = None) -> bool:
        """From now on this call is followed. A second verdict of the same call only tells how it was decided.

        True when this is the first record of the call.
        """
        call = self._calls.get(uniqueid)
        if call is None:
            self.expire()
            if len(self._calls) >= self._capacity:
                self._let_go_oldest()
            now = self._seconds()
            call = self._calls[uniqueid] = TrackedCall(uniqueid, now, MenuWatch(now))
        elif call.record is None:
            call.menu.anew(self._seconds())  # what came before was the CAPTCHA
        call.rejected = rejected
        first, call.record = call.record is None and record is not None, record or call.record
        return first

    def hand_on(self, uniqueid: str) -> TrackedCall | None:
        """Another daemon follows this call from now on."""
        call = self._calls.pop(uniqueid, None)
        if call is not None:
            self._caller_of_leg.pop(call.leg, None)
        return call

    @property
    def decided(self) -> list[str]:
        """The calls under way that have their verdict."""
        return [call.uniqueid for call in self._calls.values() if call.record is not None]

    def expect(self) -> None:
        """Calls will be adopted: until `settled`, hang-ups of unknown calls are remembered."""
        self._missed = OrderedDict()

    def settled(self) -> None:
        self._missed = None

    def adopt(self, call: TrackedCall) -> None:
        """Follows a call that another daemon followed. It may be over already."""
        if len(self._calls) >= self._capacity:
            self._let_go_oldest()
        self._calls[call.uniqueid] = call
        if call.leg:
            self._caller_of_leg[call.leg] = call.uniqueid
        if call.operator:
            self._last_call[call.operator] = call.uniqueid
        missed = self._missed.pop(call.uniqueid, None) if self._missed is not None else None
        if missed is not None:
            self.take(missed)

    def take(self, event: Event) -> None:
        """One event. Those of other calls cost one look-up."""
        handler = self._handlers.get(event.name)
        if handler is None:
            return
        uniqueid = event.fields.get("Uniqueid", "")
        call = self._calls.get(uniqueid)
        if call is not None:
            handler(call, event.fields)
        elif event.name == "Hangup":
            self._leg_hangup(uniqueid)
            if self._missed is not None:
                self._missed[uniqueid] = event
                if len(self._missed) > self._capacity:
                    self._missed.popitem(last=False)

    def last_call_of(self, operator_interface: str) -> str | None:
        """The call this operator (`PJSIP/anna`, or a channel of it) talked to last, or talks to now."""
        last: str | None = self._last_call.get(operator_interface)
        return last if last is not None else self._last_call.get(interface_of(operator_interface))

    def spoken(self, uniqueid: str) -> float:
        """Seconds the caller has spoken so far, as talk detection heard it; 0 for a call not followed."""
        call = self._calls.get(uniqueid)
        return call.speech.upto(self._seconds()) if call is not None else 0.0

    def reset(self) -> None:
        """Asterisk began anew: its calls are gone, and how they ended nobody knows. They count as lost."""
        self.lost += len(self._calls)
        self._calls.clear()
        self._caller_of_leg.clear()

    def expire(self) -> None:
        """Lets go of calls longer than the longest call: their hang-up was lost."""
        oldest = self._seconds() - self._longest_call
        while self._calls and next(iter(self._calls.values())).began < oldest:
            self._let_go_oldest()

    def _seconds(self) -> float:
        return self._clock.ticks() / NANOSECONDS

    def _let_go_oldest(self) -> None:
        self.lost += 1
        call = self._calls.popitem(last=False)[1]
        self._forget_leg(call)
        if self._on_lost is not None and call.record is not None:
            self._on_lost(call.record)

    def _forget_leg(self, call: TrackedCall) -> None:
        self._caller_of_leg.pop(call.leg, None)
        call.leg = ""

    def _queue_join(self, call: TrackedCall, fields: Fields) -> None:
        call.queue = fields.get("Queue", "")
        call.waiting.start(self._seconds())

    def _queue_leave(self, call: TrackedCall, fields: Fields) -> None:
        call.queue = fields.get("Queue", call.queue)
        call.waiting.stop(self._seconds())

    def _dial_end(self, call: TrackedCall, fields: Fields) -> None:
        if fields.get("DialStatus") == "ANSWER":
            self._answered(call, fields, interface_of(fields.get("DestChannel", "")))

    def _agent_connect(self, call: TrackedCall, fields: Fields) -> None:
        """The operator has the caller now; the time since DialEnd went into announcements to the operator."""
        call.queue = fields.get("Queue", call.queue)
        if not call.waiting.seen:
            call.waiting.total = whole_number(fields.get("HoldTime", ""))
        if not call.connected:
            call.talk.restart(self._seconds())
        call.connected = True
        self._answered(call, fields, fields.get("Interface", ""))

    def _answered(self, call: TrackedCall, fields: Fields, operator: str) -> None:
        now = self._seconds()
        call.waiting.stop(now)
        call.talk.start(now)
        call.operator = operator
        self._last_call[operator] = call.uniqueid
        leg = fields.get("DestUniqueid", "")
        if leg and leg != call.leg:
            self._forget_leg(call)
            call.leg = leg
            self._caller_of_leg[leg] = call.uniqueid

    def _agent_complete(self, call: TrackedCall, fields: Fields) -> None:
        if call.leg and fields.get("DestUniqueid", call.leg) != call.leg:
            return  # late word of an earlier talk
        call.menu.operator_left |= fields.get("Reason") == "agent"
        call.queue = fields.get("Queue", call.queue)
        call.operator = call.operator or fields.get("Interface", "")
        if not call.talk.seen:
            call.talk.add(whole_number(fields.get("TalkTime", "")))
        self._talk_ends(call)

    def _talk_ends(self, call: TrackedCall) -> None:
        call.talk.stop(self._seconds())
        call.connected = False
        self._forget_leg(call)

    def _leg_hangup(self, uniqueid: str) -> None:
        """The operator hung up; the caller may go on, to a survey or to the next operator."""
        call = self._calls.get(self._caller_of_leg.get(uniqueid, ""))
        if call is not None:
            call.menu.operator_left = True
            self._talk_ends(call)

    def _key(self, call: TrackedCall, fields: Fields) -> None:
        if fields.get("Direction") == "Received":
            call.menu.pressed(self._seconds())

    def _talking_start(self, call: TrackedCall, fields: Fields) -> None:  # noqa: ARG002 - one shape for all
        call.speech.start(self._seconds())

    def _talking_stop(self, call: TrackedCall, fields: Fields) -> None:
        """`Duration` is without the silence after which Asterisk takes the talk for over."""
        call.speech.stop_after(whole_number(fields.get("Duration", "")) / 1000, self._seconds())

    def _hangup(self, call: TrackedCall, fields: Fields) -> None:
        del self._calls[call.uniqueid]
        now = self._seconds()
        call.waiting.stop(now)
        call.talk.stop(now)
        self._forget_leg(call)
        idle = call.idle(self.menu, now) if self.menu is not None else None
        if idle is not None and call.record is not None and self._on_menu is not None:
            self._on_menu(call.record, idle)
        self._on_end(call.end(self._clock.wall(), whole_number(fields.get("Cause", ""), most=127)), call.record)
