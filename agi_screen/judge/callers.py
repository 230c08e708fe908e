"""What is remembered of each caller: bounded, and no flood of new numbers pushes out who is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from math import sqrt

from agi_screen.base.call import Call, NumberKind
from agi_screen.base.happened import CallBegun, CallLost, CallOver, CaptchaDone, Happened, Marked, MenuSeen, Unmarked
from agi_screen.base.records import CallerRecord, Disposition
from agi_screen.base.verdict import CaptchaResult, Verdict

SHORT_TALK = 20.0  # seconds: an operator hears nobody, or a machine, and hangs up; so end 8 of 100 talks with people
REAL_TALK = 30.0  # seconds: nobody talks so long to a robot
LONG_WAIT = 15.0  # seconds in a queue, given up: a person who will call again; a robot hangs up sooner
CONGESTED = frozenset({17, 34, 38, 42, 44})  # Q.850: busy, no circuit, network out of order, congestion, no channel
ONE_SITTING = 7200.0  # a longer gap between two calls begins a new row of calls
_ONE_SITTING = ONE_SITTING  # a C number where this is compiled
NAMELESS = (NumberKind.ANONYMOUS, NumberKind.ABSENT)
GAP_MEMORY = 0.25  # weight of the newest gap in the mean


class History:
    """One caller. Moments in seconds since 1970 UTC, 0 for never; gaps in seconds."""

    __slots__ = (
        *("calls", "last", "gaps", "gap", "spread", "unserved", "unserved_run", "open", "dirty"),
        *("talks", "talked", "last_talk", "shorts", "passed", "failed", "hungup", "captcha_at"),
        *("robot", "person", "marked_at", "menus", "idle", "trunk"),
    )

    def __init__(self) -> None:
        self.calls = self.gaps = self.unserved_run = self.open = 0
        self.last = self.gap = self.spread = self.unserved = 0.0
        self.talks = self.shorts = self.passed = self.failed = self.robot = self.person = self.menus = self.idle = 0
        self.hungup = 0
        self.talked = self.last_talk = self.captcha_at = self.marked_at = 0.0
        self.trunk = ""
        self.dirty = False

    @property
    def fresh(self) -> bool:
        """Nothing is known of this caller but this call."""
        return self.calls < 2 and not (self.open or self.talks or self.captcha_at or self.marked_at or self.menus)

    @property
    def known(self) -> bool:
        """Somebody whom this place has dealt with: talked to an operator, or marked as a person."""
        return self.talked > 0.0 or self.person > self.robot

    @property
    def evenness(self) -> float:
        """Coefficient of variation of the gaps between calls: 1 is chance, 0 a clock."""
        return sqrt(self.spread) / self.gap if self.gap > 0 else 1.0

    def called(self, at: float) -> None:
        """Another call; keeps the mean gap and its variance, the newest counting most."""
        gap = at - self.last
        if 0 <= gap < _ONE_SITTING and self.calls:
            off = gap - self.gap
            weight = max(GAP_MEMORY, 1 / (self.gaps + 1))
            self.gap += weight * off
            self.spread = (1 - weight) * (self.spread + weight * off * off)
            self.gaps += 1
        elif gap >= _ONE_SITTING:
            self.gaps = self.unserved_run = 0
            self.gap = self.spread = 0.0
        self.calls += 1
        self.last = at


NOBODY = History()  # whom withheld and missing numbers share; never written to


class Callers:
    """Two rooms of `capacity` each: who is known, and everybody else. In each the longest unheard-of goes first."""

    def __init__(self, capacity: int, short_talk: float = SHORT_TALK, real_talk: float = REAL_TALK) -> None:
        self._capacity = capacity
        self.configure(short_talk, real_talk)
        self._known: dict[str, History] = {}
        self._others: dict[str, History] = {}
        self._changed: dict[str, History] = {}

    def __len__(self) -> int:
        return len(self._known) + len(self._others)

    def configure(self, short_talk: float, real_talk: float) -> None:
        """What counts as short, and as a real talk, from now on; in seconds."""
        self.short_talk, self.real_talk = short_talk, real_talk

    def is_short(self, over: CallOver) -> bool:
        """Answered, and over within seconds."""
        return over.disposition is Disposition.TALKED and over.talk_time < self.short_talk

    @property
    def known(self) -> int:
        return len(self._known)

    def knows(self, caller: str) -> bool:
        """Somebody whom this place has dealt with."""
        history = self._known.get(caller)
        return history is not None and history.known

    def marks(self, caller: str) -> tuple[int, int, float]:
        """How often operators called this caller a robot, and a person, and when last; 0 for never."""
        history = self._known.get(caller) or self._others.get(caller) or NOBODY
        return history.robot, history.person, history.marked_at

    def peek(self, call: Call) -> History:
        """What is known of this caller; a new History where nothing is. Nothing is kept."""
        key = call.caller.key
        return self._known.get(key) or self._others.get(key) or NOBODY

    def seen(self, call: Call) -> History:
        """The caller's history, this call counted in it."""
        who = call.caller
        if who.kind in NAMELESS:
            return NOBODY
        history = self._of(who.e164 or who.key)
        history.called(call.started)
        return history

    def none_open(self) -> None:
        """Asterisk began anew: its calls are gone."""
        for history in (*self._known.values(), *self._others.values()):
            history.open = 0

    def learn(self, happened: Happened) -> None:
        """What became of a call."""
        if not happened.caller[-1:].isdigit():  # no number, no history
            return
        history = self._of(happened.caller)
        if isinstance(happened, CallBegun):
            history.open += 1
        elif isinstance(happened, CallLost):
            history.open = max(0, history.open - 1)
        elif isinstance(happened, CallOver):
            self._over(history, happened)
        elif isinstance(happened, CaptchaDone):
            _captcha(history, happened)
        elif isinstance(happened, Marked):
            _marked(history, happened)
        elif isinstance(happened, Unmarked):
            _unmarked(history, happened)
        elif isinstance(happened, MenuSeen):
            history.menus += 1
            history.idle += happened.idle
            history.dirty = True
        if history.dirty:
            self._change(happened.caller, history)

    def changed(self) -> list[CallerRecord]:
        """What must be written since this was asked last."""
        records = [_record(caller, history) for caller, history in self._changed.items()]
        self._changed.clear()
        return records

    def restore(self, records: Iterable[CallerRecord]) -> None:
        """Takes in what was kept, oldest first; adds it to what calls have told meanwhile."""
        for record in records:
            history = self._known.pop(record.caller, None) or self._others.pop(record.caller, None) or History()
            met = _restore(history, record)
            self._put(self._known if history.known else self._others, record.caller, history)
            if met:  # the sum is news
                self._change(record.caller, history)

    def record(self, caller: str) -> CallerRecord:
        """What is kept of a caller, whether anything is known or not."""
        return _record(caller, self._known.get(caller) or self._others.get(caller) or NOBODY)

    def adopt(self, record: CallerRecord) -> None:
        """What several machines know of a caller together, in place of what is known here."""
        if record == self.record(record.caller):
            return
        history = self._of(record.caller)
        for name in _KEPT:
            setattr(history, name, getattr(record, name))
        self._change(record.caller, history)

    def keep(self) -> Iterator[CallerRecord]:
        """All that outlives a restart, oldest first."""
        for caller, history in (*self._others.items(), *self._known.items()):
            if history.talks or history.captcha_at or history.marked_at or history.menus:
                yield _record(caller, history)

    def _over(self, history: History, over: CallOver) -> None:
        history.open = max(0, history.open - 1)
        if over.disposition is Disposition.TALKED:
            history.talks += 1
            history.shorts += self.is_short(over)
            history.talked += (
                over.talk_time if over.talk_time >= self.real_talk else 0.0
            )  # ten short ones make no real one
            history.last_talk = over.ended
            history.trunk = over.trunk
            history.unserved_run = 0
            history.dirty = True
        elif over.verdict is Verdict.ALLOW and (over.queue_wait >= LONG_WAIT or over.cause in CONGESTED):
            history.unserved = over.ended
            history.unserved_run += 1

    def _of(self, caller: str) -> History:
        for room in (self._known, self._others):
            history = room.pop(caller, None)
            if history is not None:
                room[caller] = history  # heard of last
                return history
        history = History()
        self._put(self._others, caller, history)
        return history

    def _change(self, caller: str, history: History) -> None:
        history.dirty = False
        self._changed.pop(caller, None)
        if len(self._changed) >= self._capacity:  # nobody collects them: the oldest news goes first
            del self._changed[next(iter(self._changed))]
        self._changed[caller] = history
        self._place(caller, history)

    def _place(self, caller: str, history: History) -> None:
        if history.known and caller in self._others:
            del self._others[caller]
            self._put(self._known, caller, history)

    def _put(self, room: dict[str, History], caller: str, history: History) -> None:
        if len(room) >= self._capacity:
            # A batch at a time: finding the first key of a dict is slow after many of its first have gone.
            for oldest in list(islice(room, max(1, self._capacity // 64))):
                del room[oldest]
        room[caller] = history


def _captcha(history: History, done: CaptchaDone) -> None:
    if done.result is CaptchaResult.PASSED:
        history.passed += 1
        history.failed = history.hungup = 0  # a person who mistyped before is one all the same
    elif done.result is CaptchaResult.SKIPPED:
        return
    elif done.result is CaptchaResult.HUNGUP and not done.doubted:
        history.hungup += 1  # an annoyed person does that
    else:
        history.failed += 1
    history.captcha_at = done.at
    history.dirty = True


def _marked(history: History, mark: Marked) -> None:
    history.robot += mark.label == "robot"
    history.person += mark.label == "person"
    history.marked_at = mark.at
    history.dirty = True


def _unmarked(history: History, mark: Unmarked) -> None:
    """The count is right again; what else came of the mark, such as a pass taken away, stays as it is."""
    history.robot = max(0, history.robot - (mark.label == "robot"))
    history.person = max(0, history.person - (mark.label == "person"))
    if not history.robot and not history.person:
        history.marked_at = 0.0
    history.dirty = True


_KEPT = CallerRecord._fields[1:]
_MOMENTS = frozenset({"last_talk", "captcha_at", "marked_at"})


def _record(caller: str, history: History) -> CallerRecord:
    return CallerRecord(caller, *(getattr(history, name) for name in _KEPT))


def _restore(history: History, record: CallerRecord) -> bool:
    """Adds what was kept to what is known. True where something was known already: the store came late."""
    met = bool(history.talks or history.captcha_at or history.marked_at or history.menus)
    for name in _KEPT:
        kept, known = getattr(record, name), getattr(history, name)
        if name == "trunk":
            history.trunk = known or kept
        else:
            setattr(history, name, max(kept, known) if name in _MOMENTS else kept + known)
    return met
