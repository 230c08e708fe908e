"""The judge of one call: mode, lists, passes, then the score. Nothing here waits or touches a disk."""

from __future__ import annotations

from dataclasses import replace

from agi_screen.base.call import Call
from agi_screen.base.records import ListEntry, ListName
from agi_screen.base.verdict import Decision, Verdict
from agi_screen.judge.facts import Meters
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.judge.score import score
from agi_screen.judge.signal import Facts
from agi_screen.judge.verdict import verdict
from agi_screen.settings import Settings


class Judge:
    """Holds what is known of callers; `settings` and `lists` are replaced whole, so a call sees one or the other."""

    def __init__(self, settings: Settings, lists: Lists, passes: PassBook) -> None:
        self.lists = lists
        self.passes = passes
        self._meters = Meters(settings.config.limiter.capacity)
        self.configure(settings)

    @property
    def buckets_in_use(self) -> int:
        return self._meters.buckets.stats().used

    def configure(self, settings: Settings) -> None:
        """Takes a new configuration; buckets, lists and passes stay."""
        self._settings = settings
        self._meters.configure(settings.signals)

    def decide(self, call: Call) -> Decision:
        """The verdict. Takes a token from each of the caller's buckets, and one use of a pass."""
        if self._settings.config.mode == "off":
            return self._ended(Verdict.ALLOW, "mode_off")
        # The buckets count every call, listed or not: taking a number off a list must not start it from nothing.
        facts = self._meters.take(call)
        return self._shown(self._listed(call) or self._judged(call, facts, take=True))

    def explain(self, call: Call) -> Decision:
        """The verdict the next such call would get; nothing is taken."""
        return self._listed(call) or self._judged(call, self._meters.peek(call), take=False)

    def _judged(self, call: Call, facts: Facts, *, take: bool) -> Decision:
        config = self._settings.config
        points, evidence = score(call, facts, self._settings.signals, config.groups)
        level = config.policy.level
        says = verdict(points, config.policy.of(level))
        if says is Verdict.CHALLENGE and self._passed(call, take=take):
            return Decision(Verdict.ALLOW, points, level, evidence, final="pass")
        return Decision(says, points, level, evidence)

    def _passed(self, call: Call, *, take: bool) -> bool:
        who = (call.caller.e164, call.trunk)
        return self.passes.use(*who) if take else self.passes.peek(*who) is not None

    def _listed(self, call: Call) -> Decision | None:
        entry = self.lists.match(call.caller.key, call.started)
        if entry is None:
            return None
        says = Verdict.ALLOW if entry.list is ListName.ALLOW else Verdict.REJECT
        return self._ended(says, f"list_{entry.list}_{_named(entry)}")

    def _ended(self, says: Verdict, final: str) -> Decision:
        return Decision(says, 0.0, self._settings.config.policy.level, final=final)

    def _shown(self, decision: Decision) -> Decision:
        """In monitor mode the caller goes through, and the reasons say what would have been."""
        if self._settings.config.mode == "monitor" and decision.verdict is not Verdict.ALLOW:
            would = f"monitor_{decision.verdict}"
            return replace(decision, verdict=Verdict.ALLOW, final=would)
        return decision


def _named(entry: ListEntry) -> str:
    return entry.kind.value
