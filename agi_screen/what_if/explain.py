"""Why a caller would get the verdict it would get now: every signal, its points, and what ended the judging."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from agi_screen.base.call import Call
from agi_screen.base.clock import Clock
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.verdict import Evidence
from agi_screen.judge.judge import Judge


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `agi-screen explain` shows; also its JSON."""

    caller: str
    caller_kind: str
    dialled: str
    trunk: str
    verdict: str
    score: float
    level: str
    challenge_from: float
    reject_from: float
    final: str
    signals: tuple[Evidence, ...]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "signals": [evidence._asdict() for evidence in self.signals]}


def explain(judge: Judge, plan: NumberPlan, clock: Clock, number: str, did: str, trunk: str) -> Explanation:
    """What the next call of `number` to `did` would get. Takes nothing from buckets or passes."""
    call = Call(
        id="",
        caller=plan.written(number),
        dialled=plan.number(did),
        trunk=trunk,
        channel="",
        uniqueid="",
        started=clock.wall(),
        ticks=clock.ticks(),
    )
    decision = judge.explain(call)
    said = {evidence.signal: evidence for evidence in decision.evidence}
    silent = "not asked" if decision.final and not said else "nothing to say"
    signals = tuple(said.get(name) or Evidence(name, 0.0, 0.0, silent) for name in judge.signal_names)
    thresholds = judge.thresholds
    return Explanation(
        caller=call.caller.known_as,
        caller_kind=call.caller.kind,
        dialled=call.dialled.key,
        trunk=trunk,
        verdict=decision.verdict,
        score=decision.score,
        level=decision.level,
        challenge_from=thresholds.challenge,
        reject_from=thresholds.reject,
        final=decision.final,
        signals=signals,
    )
