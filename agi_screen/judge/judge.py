"""The judge of one call: mode, lists, passes, then the score. Nothing here waits or touches a disk."""

from __future__ import annotations

from collections.abc import Sequence

from agi_screen.base.call import Call
from agi_screen.base.config import Config, Thresholds
from agi_screen.base.records import ListName
from agi_screen.base.verdict import Decision, Verdict
from agi_screen.judge.facts import Meters
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.judge.registry import AnySignal
from agi_screen.judge.score import score
from agi_screen.judge.signal import Facts
from agi_screen.judge.verdict import verdict


class Judge:
    """Holds what is known of callers; configuration and `lists` are replaced whole, so a call sees one or the other."""

    def __init__(self, config: Config, signals: Sequence[AnySignal], lists: Lists, passes: PassBook) -> None:
        self.lists = lists
        self.passes = passes
        self.meters = Meters(config.limiter.capacity)
        self.configure(config, signals)

    @property
    def signal_names(self) -> tuple[str, ...]:
        return tuple(signal.name for signal in self._signals)

    @property
    def thresholds(self) -> Thresholds:
        """Those of the level in force."""
        return self._thresholds

    def configure(self, config: Config, signals: Sequence[AnySignal]) -> None:
        """Takes a new configuration; buckets, lists and passes stay."""
        self._config = config
        self._mode = config.mode
        self._level = config.policy.level
        self._thresholds = config.policy.of(self._level)
        self._signals = tuple(signals)
        self.meters.configure(signals)

    def decide(self, call: Call) -> Decision:
        """The verdict. Takes a token from each of the caller's buckets, and one use of a pass."""
        if self._mode == "off":
            return self.unjudged(Verdict.ALLOW, "mode_off")
        # The buckets count every call, listed or not: taking a number off a list must not start it from nothing.
        facts = self.meters.take(call)
        decision = self._listed(call) or self._judged(call, facts, take=True)
        return self._monitored(decision) if self._mode == "monitor" else decision

    def explain(self, call: Call) -> Decision:
        """The verdict the next such call would get; nothing is taken."""
        return self._listed(call) or self._judged(call, self.meters.peek(call), take=False)

    def _judged(self, call: Call, facts: Facts, *, take: bool) -> Decision:
        suspect = self.lists.suspect(call.caller.key, call.started)
        if suspect is not None:
            facts = facts._replace(suspect=suspect)
        points, evidence = score(call, facts, self._signals, self._config.groups)
        says = verdict(points, self._thresholds)
        if says is Verdict.CHALLENGE and self._passed(call, take=take):
            return Decision(Verdict.ALLOW, points, self._level, evidence, final="pass")
        return Decision(says, points, self._level, evidence)

    def _passed(self, call: Call, *, take: bool) -> bool:
        who = (call.caller.e164, call.trunk)
        return self.passes.use(*who) if take else self.passes.peek(*who) is not None

    def _listed(self, call: Call) -> Decision | None:
        entry = self.lists.match(call.caller.key, call.started)
        if entry is None:
            return None
        says = Verdict.ALLOW if entry.list is ListName.ALLOW else Verdict.REJECT
        return self.unjudged(says, f"list_{entry.list}_{entry.kind}")

    def unjudged(self, says: Verdict, final: str) -> Decision:
        """A verdict that no score made; `final` names what did."""
        return Decision(says, 0.0, self._level, final=final)

    def _monitored(self, decision: Decision) -> Decision:
        """In monitor mode the caller goes through, and the reasons say what would have been."""
        if decision.verdict is Verdict.ALLOW:
            return decision
        would = ("monitor", decision.verdict, decision.final)
        return decision._replace(verdict=Verdict.ALLOW, final="_".join(filter(None, would)))
