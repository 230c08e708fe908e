"""The very judge of live calls under a clock of its own: replay, tune and simulation put their calls through this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from agi_screen.base.call import Call
from agi_screen.base.clock import ManualClock
from agi_screen.base.happened import CallBegun, CallOver, CaptchaDone, Happened
from agi_screen.base.records import CallerRecord, Disposition
from agi_screen.base.verdict import CaptchaResult, Decision, Verdict
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.settings import Settings


class Learned(NamedTuple):
    """What a judge has learned: may be kept as JSON."""

    traffic: Mapping[str, Any]
    callers: tuple[CallerRecord, ...]


class Rehearsal:
    """Calls come in the order of their time; nothing is stored, nothing waits, no disk is touched.

    `at` is in seconds since 1970 UTC. A time before the last one counts as the last one.
    """

    def __init__(self, settings: Settings, start: float, lists: Lists | None = None) -> None:
        config = settings.config
        self.clock = ManualClock(start)
        self.plan = settings.plan(config.numbers.cache)
        passes = PassBook(config.passes.capacity, self.clock, config.passes.uses, config.passes.time)
        # Signals learn: those of another rehearsal, or of the daemon, must not be told of these calls.
        signals = tuple(type(signal)(signal.params) for signal in settings.signals)
        self.judge = Judge(config, signals, lists or Lists.build([], start), passes, start)

    def arrives(self, at: float, caller: str, dialled: str, trunk: str = "", **facts: str) -> tuple[Call, Decision]:
        """A call and its verdict. `facts` are further fields of a Call, by their names."""
        call, decision = self.asks(at, caller, dialled, trunk, **facts)
        if decision.verdict is not Verdict.REJECT:
            self.learn(CallBegun(call.caller.known_as))
        return call, decision

    def asks(self, at: float, caller: str, dialled: str, trunk: str = "", **facts: str) -> tuple[Call, Decision]:
        """The same, but that the call goes on into the centre has yet to be told (CallBegun)."""
        self._now(at)
        number, did = self.plan.written(caller), self.plan.dialled(dialled)
        call = Call("", number, did, trunk, "", "", self.clock.wall(), self.clock.ticks(), **facts)  # type: ignore[arg-type]
        return call, self.judge.decide(call)

    def captcha(self, at: float, call: Call, result: CaptchaResult, *, doubted: bool = False) -> None:
        """The caller's CAPTCHA ended; who passed gets a pass. `doubted`: the conduct in it was a machine's."""
        self._now(at)
        if result is CaptchaResult.PASSED:
            self.judge.passes.grant(call.caller.alias or call.caller.e164, call.trunk)
        self.learn(CaptchaDone(call.caller.known_as, call.trunk, at, result, doubted))

    def over(
        self,
        at: float,
        call: Call,
        verdict: Verdict,
        disposition: Disposition,
        queue_wait: float = 0.0,
        talk_time: float = 0.0,
        cause: int = 16,
    ) -> None:
        """The call ended; `verdict` is what the caller was told last (`allow` after a passed CAPTCHA)."""
        self._now(at)
        who = (call.caller.known_as, call.dialled.key, call.trunk)
        self.learn(CallOver(*who, call.started, at, verdict, disposition, queue_wait, talk_time, cause))

    def happened(self, at: float, happened: Happened) -> None:
        """Anything that is known from `at` on."""
        self._now(at)
        self.learn(happened)

    def learn(self, happened: Happened) -> None:
        """Anything else that became of a call."""
        self.judge.learn(happened)

    def quiet(self, at: float) -> None:
        """Looks at the attack level without a call, as the daemon does every few seconds."""
        self._now(at)
        self.judge.memory.quiet(self.clock.ticks(), self.clock.wall())

    def keep(self) -> Learned:
        """What was learned so far, to begin another rehearsal with: traffic, and the callers who are known."""
        return Learned(self.judge.keep(), tuple(self.judge.memory.callers.keep()))

    def take_over(self, learned: Learned) -> None:
        """Begins with what was learned before."""
        self.judge.take_over(learned.traffic)
        self.judge.memory.callers.restore(learned.callers)

    def _now(self, at: float) -> None:
        step = at - self.clock.wall()
        if step > 0:
            self.clock.advance(step)
