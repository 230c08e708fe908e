"""What becomes of a decided call in the running daemon: record, tracking to its end, AMI event, feedback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from agi_screen.base.clock import Clock
from agi_screen.base.dialplan import VERDICT_EVENT
from agi_screen.base.happened import CallBegun, CallLost, CallOver, Happened, Marked, MenuSeen, Unmarked
from agi_screen.base.records import CallEnd, CallerRecord, CallRecord, Pass
from agi_screen.base.verdict import CaptchaResult, Verdict
from agi_screen.trail.board.board import Board
from agi_screen.trail.calls import Recorder
from agi_screen.trail.events import EventSink, verdict_event
from agi_screen.trail.feedback import FeedbackBook
from agi_screen.trail.tracker import CallTracker


class PassSource(Protocol):
    """The passes granted or used since it was asked last."""

    def dirty(self) -> list[Pass]: ...


class Learner(Protocol):
    """The judge, as far as it learns from what becomes of calls."""

    def learn(self, happened: Happened) -> None: ...
    def changed_callers(self) -> list[CallerRecord]: ...


def _caller_of(record: CallRecord) -> str:
    """As the judge knows this caller: `Number.key`."""
    return record.caller or record.caller_raw or record.caller_kind


class LiveTrail:
    """Every method returns at once: each part keeps what it is given and works behind."""

    def __init__(
        self,
        recorder: Recorder,
        tracker: CallTracker,
        passes: PassSource,
        learner: Learner,
        asterisk: EventSink,
        book: FeedbackBook,
        clock: Clock,
    ) -> None:
        self.board = Board(clock)
        self.counts: Counter[str] = Counter()
        self.heir: Callable[[CallRecord, Sequence[Pass]], None] | None = None  # follows decided calls in our place
        self._recorder = recorder
        self._tracker = tracker
        self._passes = passes
        self._learner = learner
        self._asterisk = asterisk
        self._book = book
        self._clock = clock

    @property
    def watches(self) -> bool:
        """Whether anybody tells how long callers speak."""
        return self._asterisk.connected

    def spoken(self, uniqueid: str) -> float:
        """Seconds this caller has spoken so far."""
        return self._tracker.spoken(uniqueid)

    def challenged(self, uniqueid: str) -> None:
        """The caller is in the CAPTCHA now, and may hang up there."""
        self._tracker.started(uniqueid)
        self.board.challenged()

    def decided(self, record: CallRecord) -> None:
        """The call has its verdict, and the dialplan knows it."""
        self.counts[record.final_verdict] += 1
        self.board.decided(record)
        self._recorder.record(record)
        changed = self._passes.dirty()
        if self.heir is not None:
            self.heir(record, changed)
            return
        if changed:
            self._recorder.passes(changed)
        self._keep_callers()
        if self._asterisk.connected:
            self._tell_asterisk(record)

    def inherited(self, record: CallRecord) -> None:
        """A call that the daemon before us decided and wrote down."""
        self.counts[record.final_verdict] += 1
        self.board.decided(record)
        if self._asterisk.connected:
            self._tell_asterisk(record)

    def remember(self, record: CallRecord) -> None:
        """A call whose caller an operator may still mark."""
        self._book.remember(record)

    def learned(self, happened: Happened) -> None:
        """What that daemon was told of a call."""
        self._learner.learn(happened)
        self._keep_callers()

    def _tell_asterisk(self, record: CallRecord) -> None:
        """Without AMI nobody hears the event, and no hang-up is ever heard of."""
        if record.captcha is not CaptchaResult.HUNGUP:  # its hang-up has been told already
            rejected = record.final_verdict is Verdict.REJECT
            if self._tracker.started(record.uniqueid, rejected=rejected, record=record):
                self._learner.learn(CallBegun(_caller_of(record)))
        self._book.remember(record)
        self._asterisk.user_event(VERDICT_EVENT, verdict_event(record))

    def ended(self, end: CallEnd, record: CallRecord | None) -> None:
        """A call that was followed has ended."""
        self._recorder.ended(end)
        if record is not None:
            self.board.ended(end, record)
            who = (_caller_of(record), record.dialled, record.trunk)
            told, how = record.final_verdict, end.disposition
            over = CallOver(*who, record.started, end.ended, told, how, end.queue_wait, end.talk_time, end.cause)
            self._learner.learn(over)
            self._keep_callers()

    def menu_seen(self, record: CallRecord, *, idle: bool) -> None:
        """A call that was followed went through our menu; its end is told next."""
        self._learner.learn(MenuSeen(_caller_of(record), self._clock.wall(), idle))

    def lost(self, record: CallRecord) -> None:
        """A call whose end will never be told."""
        self._learner.learn(CallLost(_caller_of(record)))

    def _keep_callers(self) -> None:
        if (changed := self._learner.changed_callers()) and self.heir is None:  # else it knows better
            self._recorder.callers(changed)

    def forget(self, names: Collection[str]) -> dict[str, int]:
        """Takes a caller out of memory; calls under way are recorded all the same when they end."""
        return {
            "newest_calls": self.board.forget(names),
            "markable_calls": self._book.forget(names),
            "unwritten": self._recorder.forget(names),
        }

    def feedback(self, operator: str, label: str) -> bool:
        """An operator marks the caller of the last talk; False when no such call is remembered."""
        mark = self._book.mark(self._tracker.last_call_of(operator), label, operator, self._clock.wall())
        if mark is not None:
            self._recorder.feedback(mark)
            self._learner.learn(Marked(mark.caller, label, mark.at))
            self._keep_callers()
        return mark is not None

    def marked(self, caller: str, label: str, undone: str) -> None:
        """An operator's word on a caller that is written down already: `label` counts, `undone` no more. Each may be
        empty."""
        now = self._clock.wall()
        if undone:
            self._learner.learn(Unmarked(caller, undone, now))
        if label:
            self._learner.learn(Marked(caller, label, now))
        self._keep_callers()
