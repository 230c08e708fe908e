"""Past calls through a judge. What became of a call is told only when the replay's clock reaches it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from heapq import heappop, heappush
from math import inf
from typing import Any

from agi_screen.base.call import Call
from agi_screen.base.happened import CallOver, Marked
from agi_screen.base.verdict import CaptchaResult, Decision, Verdict
from agi_screen.judge.lists import Lists
from agi_screen.settings import Settings
from agi_screen.what_if.rehearsal import Rehearsal
from agi_screen.what_if.replay.past import PastCall, Recorded
from agi_screen.what_if.replay.trace import Trace

What = PastCall | CaptchaResult | Marked
# When, the how-manieth to be put here (so nothing further is ever compared), of which call, what, and the last word
# that its caller was told.
Pending = tuple[float, int, Call, What, Verdict]


class Run:
    """One configuration over the calls of the past, which come in the order of their start."""

    def __init__(self, settings: Settings, start: float, lists: Lists | None = None) -> None:
        self.settings = judging(settings)
        self.trace = Trace()
        self._rehearsal = Rehearsal(self.settings, start, lists)
        self._failed = Verdict(settings.config.captcha.on_failure)
        self._pending: list[Pending] = []
        self._count = 0

    @property
    def signal_names(self) -> tuple[str, ...]:
        """The signals in force."""
        return self._rehearsal.judge.signal_names

    def take(self, call: PastCall) -> Decision:
        """The verdict of the next call; first the judge hears what has happened until then."""
        start, pending = call[0], self._pending
        while pending and pending[0][0] <= start:
            self._tell(heappop(pending))
        if call.more is None:
            arrived, decision = self._rehearsal.arrives(start, call[3], call[4], call[5])
            told = decision.verdict
        else:
            arrived, decision, told = self._recorded(call, call.more)
        self._later(call[6], arrived, call, told)
        self.trace.add(start, decision)
        return decision

    def _recorded(self, call: PastCall, more: Recorded) -> tuple[Call, Decision, Verdict]:
        facts: dict[str, Any] = {"name": more.name, "tampering": more.tampering}
        arrived, decision = self._rehearsal.arrives(call.start, call.src, call.dst, call.trunk, **facts)
        told = decision.verdict
        if told is Verdict.CHALLENGE and more.captcha is not CaptchaResult.SKIPPED:
            self._later(more.captcha_at, arrived, more.captcha, told)
            after = {CaptchaResult.PASSED: Verdict.ALLOW, CaptchaResult.FAILED: self._failed}
            told = after.get(more.captcha, told)
        if more.label:
            self._later(more.labelled_at, arrived, Marked(arrived.caller.key, more.label, more.labelled_at), told)
        return arrived, decision, told

    def _later(self, at: float, arrived: Call, what: What, told: Verdict) -> None:
        self._count += 1
        if at < inf:
            heappush(self._pending, (at, self._count, arrived, what, told))

    def _tell(self, pending: Pending) -> None:
        at, _, call, what, told = pending
        if isinstance(what, PastCall):
            disposition, queue_wait, talk_time, cause = what[7:11]
            caller, dialled = call.caller.key, call.dialled.key
            over = CallOver(
                caller, dialled, call.trunk, call.started, at, told, disposition, queue_wait, talk_time, cause
            )
            self._rehearsal.happened(at, over)
        elif isinstance(what, CaptchaResult):
            self._rehearsal.captcha(at, call, what)
        else:
            self._rehearsal.happened(at, what)


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
