"""What all machines know of a caller is laid into this daemon's memory before its judge looks: the judge never waits.

And what this daemon learns is told to the others. Without `state = "redis://…"` nothing of this is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agi_screen.base.bucket_limits import Limit
from agi_screen.base.call import Call, NumberKind
from agi_screen.base.clock import Clock
from agi_screen.base.records import CallerRecord, Pass
from agi_screen.cluster.connect import Access
from agi_screen.cluster.news import NUMBERS, Kind
from agi_screen.cluster.shared import SharedState, State
from agi_screen.judge.judge import Judge
from agi_screen.reply.captcha.offers import Offers

NAMELESS = (NumberKind.ANONYMOUS, NumberKind.ABSENT)
RESULTS = ("shared", "missed", "alone")  # calls: decided with all knowledge, after the deadline, without asking
OFFERED = "captcha"  # the bucket of CAPTCHAs offered to a caller


class Sharing:
    """Stands between the path of a call and the shared state. All methods return at once."""

    def __init__(self, access: Access, judge: Judge, offers: Offers, clock: Clock) -> None:
        self.shared = SharedState(access, clock)
        self._judge, self._offers, self._clock = judge, offers, clock
        self._kinds: dict[str, Kind] = {}
        judge.listener = judge.passes.listener = self
        offers.listener = self.offered
        self.configure()

    def configure(self) -> None:
        """Takes the limits that the judge and the CAPTCHA have now."""
        limits = {**self._judge.meters.limits, OFFERED: self._offers.caller_limit}
        self._kinds = {name: _kind(name, limit) for name, limit in limits.items()}
        self.shared.configure(tuple(self._kinds.values()))

    def status(self) -> dict[str, Any]:
        """For people: how it is, what became of calls, and of how many callers there are news to tell."""
        shared = self.shared
        counts = {name: shared.counts[name] for name in RESULTS}
        return {"state": shared.state, **counts, "overdue": shared.overdue, "untold": shared.untold}

    def before(self, call: Call, go_on: Callable[[], None], *, counts: bool = True) -> None:
        """Asks what all machines know of the caller, and goes on with it, or at the deadline without."""
        if call.caller.kind in NAMELESS:  # many people, of whom nothing is remembered
            go_on()
            return

        def heard(state: State | None) -> None:
            if state is not None:
                self._lay_in(call, state)
            go_on()

        def late(state: State) -> None:
            self._lay_in(call, state)

        names = self._judge.meters.by_caller(call) if counts else ()
        taken = [self._kinds[name] for name in names if name in self._kinds]
        self.shared.ask(call.caller.key, call.trunk, taken, heard, late)

    def learned(self, before: CallerRecord, after: CallerRecord) -> None:
        self.shared.tell(before.caller).learn(before, after)

    def granted(self, held: Pass) -> None:
        self.shared.tell(held.caller).grant(held)

    def used(self, held: Pass) -> None:
        self.shared.tell(held.caller).use(held.trunk)

    def revoked(self, caller: str) -> None:
        self.shared.tell(caller).revoke()

    def offered(self, call: Call) -> None:
        self.shared.tell(call.caller.key).take([self._kinds[OFFERED]], self._clock.ticks())

    def _lay_in(self, call: Call, state: State) -> None:
        for name, lacks in zip(self._kinds, state.lacks, strict=False):
            if lacks and name == OFFERED:
                self._offers.lift(call, lacks * 1000)
            elif lacks:
                self._judge.meters.lift(name, call, lacks * 1000)
        if self.shared.news.waits(call.caller.key):  # what is known here is newer
            return
        self._lay_in_pass(call, state)
        self._lay_in_record(call, state)

    def _lay_in_pass(self, call: Call, state: State) -> None:
        caller, trunk, passes = call.caller.key, call.trunk, self._judge.passes
        held = passes.peek(caller, trunk) if state.new else None
        if held is not None:  # granted before anything was shared, or Redis has lost all: the others are told
            self.shared.tell(caller).grant(held)
        else:
            passes.adopt(caller, trunk, state.uses, state.pass_seconds)

    def _lay_in_record(self, call: Call, state: State) -> None:
        callers = self._judge.memory.callers
        ours = callers.record(call.caller.key)
        if state.met:
            if state.record is not None:
                callers.adopt(state.record)
            return
        both = _greatest(ours, state.record)
        if both != state.record and any(both[1:]):
            self.shared.tell(call.caller.key).whole = both
        callers.adopt(both)


def _kind(name: str, limit: Limit) -> Kind:
    """In whole us, the rate rounded up: shared, nobody is limited more than alone."""
    return Kind(name, max(1, limit.interval_ns // 1000), max(1, limit.cap_ns // 1000))


def _greatest(ours: CallerRecord, theirs: CallerRecord | None) -> CallerRecord:
    """Of two that nobody has added up yet: none may count twice, so the greater of each counts."""
    if theirs is None:
        return ours
    greater = {name: max(getattr(ours, name), getattr(theirs, name)) for name in NUMBERS}
    return ours._replace(trunk=theirs.trunk or ours.trunk, **greater)
