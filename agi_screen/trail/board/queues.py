"""The operators' queues, by the events of all their callers; what Asterisk lists now and then sets it right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agi_screen.base.clock import Clock
from agi_screen.trail.board.rates import Rates
from agi_screen.trail.tracked import whole_number
from agi_screen.trail.tracker import Event

MOST_QUEUES = 100
MOST_WAITING = 2_000
MOST_MEMBERS = 500
JUST_JOINED = 2.0  # seconds in which a list from Asterisk may not know of a caller yet
ANSWERED, ABANDONED, WAITED = range(3)
FREE, IN_USE, BUSY, RINGING = "1", "2", "3", "6"  # of AST_DEVICE_*
GONE = frozenset({"0", "4", "5"})  # unknown, invalid, unavailable
Fields = Mapping[str, str]


@dataclass(slots=True)
class Queue:
    """One queue. `waiting`: when each caller joined, in seconds of `ticks`; counts are of the last hour by minute."""

    waiting: dict[str, float] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)  # what each does, by its interface
    counts: Rates = field(default_factory=lambda: Rates(60, 3))


class QueueBoard:
    """`take` for each event, `listed` for what the action QueueStatus lists."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: dict[str, Queue] = {}
        self._handlers: dict[str, Callable[[Queue, str, Fields], None]] = {
            "QueueCallerJoin": self._join,
            "QueueCallerLeave": self._leave,
            "QueueCallerAbandon": self._abandon,
            "AgentConnect": self._connect,
        }

    def take(self, event: Event) -> None:
        handler = self._handlers.get(event.name)
        if handler is None:
            return
        queue = self._queue(event.fields.get("Queue", ""))
        if queue is not None:
            handler(queue, event.fields.get("Uniqueid", ""), event.fields)

    def listed(self, events: Iterable[Event]) -> None:
        """One whole list of all queues; a queue that is not in it is no more."""
        now, found = self._seconds(), dict[str, Queue]()
        for event in events:
            name = event.fields.get("Queue", "")
            if event.name == "QueueParams" and name and len(found) < MOST_QUEUES:
                found[name] = self._as_before(name, now)
            elif name in found:
                _put(found[name], event, now)
        self._queues = found

    def _as_before(self, name: str, now: float) -> Queue:
        old = self._queues.get(name) or Queue()
        new = {who: at for who, at in old.waiting.items() if now - at < JUST_JOINED}
        return Queue(new, {}, old.counts)

    def reset(self) -> None:
        """Asterisk is gone, and its callers with it."""
        for queue in self._queues.values():
            queue.waiting.clear()
            queue.members.clear()

    def state(self) -> list[dict[str, Any]]:
        """The queues by their names."""
        now = self._seconds()
        return [{"name": name, **_state(queue, now)} for name, queue in sorted(self._queues.items())]

    def _seconds(self) -> float:
        return self._clock.ticks() / 1e9

    def _queue(self, name: str) -> Queue | None:
        queue = self._queues.get(name)
        if queue is None and name and len(self._queues) < MOST_QUEUES:
            queue = self._queues[name] = Queue()
        return queue

    def _join(self, queue: Queue, caller: str, _: Fields) -> None:
        if len(queue.waiting) < MOST_WAITING:
            queue.waiting[caller] = self._seconds()

    def _leave(self, queue: Queue, caller: str, _: Fields) -> None:
        queue.waiting.pop(caller, None)

    def _abandon(self, queue: Queue, caller: str, _: Fields) -> None:
        queue.waiting.pop(caller, None)
        queue.counts.add(int(self._seconds() // 60), ABANDONED)

    def _connect(self, queue: Queue, caller: str, fields: Fields) -> None:
        queue.waiting.pop(caller, None)
        minute = int(self._seconds() // 60)
        queue.counts.add(minute, ANSWERED)
        queue.counts.add(minute, WAITED, whole_number(fields.get("HoldTime", "")))


def _put(queue: Queue, event: Event, now: float) -> None:
    fields = event.fields
    if event.name == "QueueEntry" and len(queue.waiting) < MOST_WAITING:
        queue.waiting[fields.get("Uniqueid", "")] = now - whole_number(fields.get("Wait", ""))
    elif event.name == "QueueMember" and len(queue.members) < MOST_MEMBERS:
        queue.members[fields.get("Location", "")] = _does(fields)


def _does(fields: Fields) -> str:
    """What a member does: `free`, `talking`, `ringing`, `paused` or `gone`."""
    status = fields.get("Status", "")
    if status in GONE:
        return "gone"
    if fields.get("InCall") == "1" or status in (IN_USE, BUSY):
        return "talking"
    if fields.get("Paused") == "1":
        return "paused"
    return "free" if status == FREE else "ringing"


def _state(queue: Queue, now: float) -> dict[str, Any]:
    queue.counts.turn(int(now // 60))
    answered, abandoned, waited = queue.counts.sums
    does = list(queue.members.values())
    return {
        "waiting": len(queue.waiting),
        "longest": round(max(0.0, now - min(queue.waiting.values(), default=now))),
        "answered": answered,
        "abandoned": abandoned,
        "wait": round(waited / answered) if answered else 0,
        "members": {what: does.count(what) for what in ("free", "talking", "ringing", "paused", "gone")},
    }
