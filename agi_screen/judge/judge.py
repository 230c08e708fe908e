"""The judge of one call: mode, lists, passes, then the score. Nothing here waits or touches a disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from agi_screen.base.call import Call
from agi_screen.base.conduct import Conduct
from agi_screen.base.config import Config, Thresholds
from agi_screen.base.happened import CallOver, CaptchaDone, Happened, Marked, MenuSeen
from agi_screen.base.records import CallerRecord, ListName
from agi_screen.base.verdict import CaptchaResult, Decision, Level, Verdict
from agi_screen.judge.lists import Lists
from agi_screen.judge.memory import Memory
from agi_screen.judge.meters import Meters
from agi_screen.judge.passes import PassBook
from agi_screen.judge.registry import AnySignal
from agi_screen.judge.score import Scored, Signals, score
from agi_screen.judge.signal import Facts, Reads, Signal
from agi_screen.judge.verdict import verdict

# An enum takes as long to find a member as all the rest of a comparison ten times.
CHALLENGE, REJECT, SIEGE = Verdict.CHALLENGE, Verdict.REJECT, Level.SIEGE
CLEAN = 2.5  # a score under this is weak: such calls, withheld numbers among them, teach what is usual
MANY_AT_ONCE = 2  # other calls under way: no person makes them, and a robot that passed by luck would use its pass up


class Listener(Protocol):
    """Who tells the other machines what was learned of a caller here."""

    def learned(self, before: CallerRecord, after: CallerRecord) -> None: ...


class Judge:
    """Holds what is known of callers; configuration and `lists` are replaced whole, so a call sees one or the other."""

    def __init__(
        self, config: Config, signals: Sequence[AnySignal], lists: Lists, passes: PassBook, now: float = 0.0
    ) -> None:
        self.lists = lists
        self.passes = passes
        self.listener: Listener | None = None
        self.meters = Meters(config.limiter.capacity)
        self.memory = Memory(config, now)
        self._signals = Signals(())
        self.configure(config, signals, now)

    @property
    def signal_names(self) -> tuple[str, ...]:
        """Those that speak of a call; of conduct in the CAPTCHA none can before it."""
        return tuple(signal.name for signal in self._signals.all if Reads.CONDUCT not in signal.reads)

    @property
    def level(self) -> Level:
        """The attack level in force."""
        return self.memory.level.level

    @property
    def thresholds(self) -> Thresholds:
        """Those of the level in force."""
        return self._thresholds[self.level]

    def configure(self, config: Config, signals: Sequence[AnySignal], now: float = 0.0) -> None:
        """Takes a new configuration; buckets, lists, passes and what was learned stay."""
        learned = self._kept_by_signals()
        self._config = config
        self._mode = config.mode
        self._thresholds = {level: config.policy.of(level) for level in Level}
        self._signals = Signals(signals)
        # Most signals learn nothing: asking each at every call would cost more than all that do.
        self._counting = [s for s in signals if type(s).count is not Signal.count]
        self._observing = [s for s in signals if type(s).observe is not Signal.observe]
        self.meters.configure(signals)
        self.memory.configure(config, now)
        self._take_over(learned)

    def decide(self, call: Call) -> Decision:
        """The verdict. Takes a token from each of the caller's buckets, and one use of a pass."""
        if self._mode == "off":
            return self.unjudged(Verdict.ALLOW, "mode_off")
        # Every call counts, listed or not: taking a number off a list must not start it from nothing.
        facts = self._suspected(call, self.memory.gather(call, self.meters.take(call)))
        for signal in self._counting:
            signal.count(call)
        scored = score(call, facts, self._signals.asked(facts), self._config.groups)
        decision = self._listed(call) or self._judged(call, facts, scored, take=True)
        explained = scored.own >= self._thresholds[facts.level].challenge or decision.verdict is REJECT
        self.memory.judged(call, facts, explained, scored.own < CLEAN)
        return self._monitored(decision) if self._mode == "monitor" else decision

    def explain(self, call: Call) -> Decision:
        """The verdict the next such call would get; nothing is taken."""
        facts = self._suspected(call, self.memory.peek(call, self.meters.peek(call)))
        scored = score(call, facts, self._signals.asked(facts), self._config.groups)
        return self._listed(call) or self._judged(call, facts, scored, take=False)

    def conduct(self, call: Call, conduct: Conduct) -> Scored:
        """What the caller's behaviour in the CAPTCHA says, whatever the verdict was."""
        facts = self._suspected(call, self.memory.peek(call, self.meters.peek(call)))._replace(conduct=conduct)
        return score(call, facts, self._signals.conduct, self._config.groups)

    def learn(self, happened: Happened) -> None:
        """What became of a call: its end, its CAPTCHA, an operator's word."""
        if self.listener is None:
            self.memory.learn(happened)
        else:
            self._learn_and_tell(happened, self.listener)
        if self._turned_bad(happened):
            self.passes.revoke(happened.caller)
        for signal in self._observing:
            signal.observe(happened)

    def _learn_and_tell(self, happened: Happened, listener: Listener) -> None:
        before = self.memory.callers.record(happened.caller)
        self.memory.learn(happened)
        after = self.memory.callers.record(happened.caller)
        if after != before:
            listener.learned(before, after)

    def changed_callers(self) -> list[CallerRecord]:
        """The callers of whom more is known since this was asked last: to be written."""
        return self.memory.callers.changed()

    def keep(self) -> dict[str, Any]:
        """What was learned, as JSON; callers and buckets are kept elsewhere."""
        return {**self.memory.keep(), "signals": self._kept_by_signals()}

    def take_over(self, kept: Mapping[str, Any]) -> None:
        """What `keep` gave; anything of another shape is left alone."""
        self.memory.take_over(kept)
        learned = kept.get("signals")
        if isinstance(learned, dict):
            self._take_over(learned)

    def _judged(self, call: Call, facts: Facts, scored: Scored, *, take: bool) -> Decision:
        says = verdict(scored.points, scored.own, self._thresholds[facts.level])
        level, caller = facts.level, facts.caller
        siege = level is SIEGE
        if says is CHALLENGE and caller.open < MANY_AT_ONCE and self._passed(call, take=take):
            return Decision(Verdict.ALLOW, scored.points, level, scored.evidence, "pass", siege)
        first = siege and caller.known
        return tuple.__new__(Decision, (says, scored.points, level, scored.evidence, "", first))  # half the time

    def _passed(self, call: Call, *, take: bool) -> bool:
        who = (call.caller.e164, call.trunk)
        return self.passes.use(*who) if take else self.passes.peek(*who) is not None

    def _suspected(self, call: Call, facts: Facts) -> Facts:
        if not self.lists.suspecting:
            return facts
        entry = self.lists.suspect(call.caller.key, call.started)
        return facts if entry is None else facts._replace(suspect=entry)

    def _listed(self, call: Call) -> Decision | None:
        if not self.lists.deciding:
            return None
        entry = self.lists.match(call.caller.key, call.started)
        if entry is None:
            return None
        says = Verdict.ALLOW if entry.list is ListName.ALLOW else Verdict.REJECT
        return self.unjudged(says, f"list_{entry.list}_{entry.kind}")

    def unjudged(self, says: Verdict, final: str) -> Decision:
        """A verdict that no score made; `final` names what did."""
        return Decision(says, 0.0, self.level, final=final)

    def _monitored(self, decision: Decision) -> Decision:
        """In monitor mode the caller goes through, and the reasons say what would have been."""
        if decision.verdict is Verdict.ALLOW:
            return decision
        would = ("monitor", decision.verdict, decision.final)
        return decision._replace(verdict=Verdict.ALLOW, final="_".join(filter(None, would)))

    def _kept_by_signals(self) -> dict[str, Any]:
        kept = ((signal.name, signal.keep()) for signal in self._signals.all)
        return {name: learned for name, learned in kept if learned is not None}

    def _take_over(self, learned: Mapping[str, Any]) -> None:
        for signal in self._signals.all:
            if signal.name in learned:
                signal.take_over(learned[signal.name])

    def _turned_bad(self, happened: Happened) -> bool:
        """Whose call an operator ended at once, or marked, who idled in a menu or failed a CAPTCHA, passes no more."""
        if isinstance(happened, CallOver):
            return self.memory.callers.is_short(happened)
        if isinstance(happened, CaptchaDone):
            return happened.result is CaptchaResult.FAILED
        if isinstance(happened, MenuSeen):
            return happened.idle
        return isinstance(happened, Marked) and happened.label == "robot"
