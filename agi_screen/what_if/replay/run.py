"""Past calls through a judge. What became of a call is told only when the replay's clock reaches it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any, NamedTuple

from agi_screen.base.call import Call
from agi_screen.base.happened import CallBegun, CallLost, CallOver, Marked
from agi_screen.base.verdict import CaptchaResult, Decision, Level, Verdict
from agi_screen.base.ways import Way
from agi_screen.judge.lists import Lists
from agi_screen.settings import Settings
from agi_screen.what_if.rehearsal import Rehearsal
from agi_screen.what_if.replay.past import PastCall, Recorded
from agi_screen.what_if.replay.trace import Trace

IN_CAPTCHA = None  # the last word of a caller who hung up there: such a call never went on into the centre
LOOKS = 5.0  # seconds between the daemon's looks at the level
LONGEST_CALL = 6 * 3600.0  # seconds after which the daemon takes a call for over of whose end it has not heard


class CaptchaEnd(NamedTuple):
    """How a recorded CAPTCHA ended. `doubted`: the conduct in it was a machine's."""

    result: CaptchaResult
    doubted: bool


What = PastCall | CaptchaEnd | Marked
# When, the how-manieth to be put here (so nothing further is ever compared), of which call, what, and the last word
# that its caller was told.
Pending = tuple[float, int, Call, What, Verdict | None]


class Run:
    """One configuration over the calls of the past, which come in the order of their start."""

    def __init__(self, settings: Settings, start: float, lists: Lists | None = None) -> None:
        self.settings = judging(settings)
        self.trace = Trace()
        self._rehearsal = Rehearsal(self.settings, start, lists)
        self._judge = self._rehearsal.judge
        failed = Verdict.REJECT if settings.config.captcha.on_failure[0] is Way.REJECT else Verdict.DIVERT
        self._after = {
            CaptchaResult.PASSED: Verdict.ALLOW,
            CaptchaResult.FAILED: failed,
            CaptchaResult.HUNGUP: IN_CAPTCHA,
        }
        self._pending: list[Pending] = []
        self._count = 0

    @property
    def signal_names(self) -> tuple[str, ...]:
        """The signals in force."""
        return self._judge.signal_names

    def usual(self, at: float) -> float:
        """Calls a second that are usual at that moment's hour, as far as this run has learned it."""
        return self._judge.memory.surge.baseline.expected(at)

    def take(self, call: PastCall) -> Decision:
        """The verdict of the next call; first the judge hears what has happened until then."""
        start, pending = call[0], self._pending
        while pending and pending[0][0] <= start:
            self._tell(heappop(pending))
        if self._judge.level is not Level.NORMAL:
            self._look_until(start)
        if call.more is not None:
            return self._recorded(call, call.more)
        arrived, decision = self._rehearsal.asks(start, call[3], call[4], call[5])
        self._judge.learn(CallBegun(arrived.caller.known_as))
        self._later(call[6], arrived, call, decision.verdict)
        self.trace.add(start, decision)
        return decision

    def _recorded(self, call: PastCall, more: Recorded) -> Decision:
        """A challenged call goes on, if it does, when its CAPTCHA is over."""
        facts: dict[str, Any] = {"name": more.name, "tampering": more.tampering}
        arrived, decision = self._rehearsal.asks(call.start, call.src, call.dst, call.trunk, **facts)
        self.trace.add(call.start, decision)
        told: Verdict | None = decision.verdict
        asked = told is Verdict.CHALLENGE and more.captcha is not CaptchaResult.SKIPPED
        if asked:
            told = self._after[more.captcha]
            doubted = more.conduct >= self.settings.config.captcha.doubt
            self._later(more.captcha_at, arrived, CaptchaEnd(more.captcha, doubted), told)
        if told is not IN_CAPTCHA:
            if not asked:
                self._judge.learn(CallBegun(arrived.caller.known_as))
            self._later(min(call.ended, call.start + LONGEST_CALL), arrived, call, told)
        if more.label:
            self._later(more.labelled_at, arrived, Marked(arrived.caller.known_as, more.label, more.labelled_at))
        return decision

    def _later(self, at: float, arrived: Call, what: What, told: Verdict | None = None) -> None:
        self._count += 1
        heappush(self._pending, (at, self._count, arrived, what, told))

    def _tell(self, pending: Pending) -> None:
        at, _, call, what, told = pending
        if isinstance(what, PastCall) and told is not None:
            if what.ended > at:
                self._rehearsal.happened(at, CallLost(call.caller.known_as))
                return
            disposition, queue_wait, talk_time, cause = what[7:11]
            caller, dialled = call.caller.known_as, call.dialled.key
            over = CallOver(
                caller, dialled, call.trunk, call.started, at, told, disposition, queue_wait, talk_time, cause
            )
            self._rehearsal.happened(at, over)
        elif isinstance(what, CaptchaEnd):
            self._rehearsal.captcha(at, call, what.result, doubted=what.doubted)
            if told is not IN_CAPTCHA:
                self._judge.learn(CallBegun(call.caller.known_as))
        elif isinstance(what, Marked):
            self._rehearsal.happened(at, what)

    def _look_until(self, until: float) -> None:
        """The daemon looks at the level every few seconds; the judge must not find an old siege after a silence."""
        clock = self._rehearsal.clock
        while clock.wall() + LOOKS < until and self._judge.level is not Level.NORMAL:
            clock.advance(LOOKS)
            self._judge.memory.quiet(clock.ticks(), clock.wall())


def judging(settings: Settings) -> Settings:
    """The same settings in earnest: `monitor` is the way to try, and what it would have done is the question."""
    if settings.config.mode != "monitor":
        return settings
    return replace(settings, config=settings.config.model_copy(update={"mode": "enforce"}))


@contextmanager
def without_gc() -> Iterator[None]:
    """A million calls stay, and none is part of a circle: looking through them again and again took a fifth of the
    time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
