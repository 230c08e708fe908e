"""Signals → score: weight times points, each group of related signals capped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agi_screen.base.call import Call
from agi_screen.base.verdict import Evidence
from agi_screen.judge.registry import AnySignal
from agi_screen.judge.signal import Facts, Finding, Reads
from agi_screen.judge.surge import CALM

SURGE = "surge"  # the group of signals that speak of the time, and not of this call


class Scored(NamedTuple):
    """The score, what made it, and `own`: the part that this call itself has earned, whatever others do."""

    points: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    own: float = 0.0


NOTHING = Scored()


class Signals:
    """The signals in force, sorted by what they read: most calls have none of it."""

    def __init__(self, signals: Sequence[AnySignal]) -> None:
        self.all = tuple(signals)
        self.conduct = tuple(s for s in signals if Reads.CONDUCT in s.reads)
        signals = [s for s in signals if Reads.CONDUCT not in s.reads]
        reads = [s.reads.value for s in signals]
        # Which are asked, for each of the sixteen cases of facts that hold something.
        self._asked = [tuple(s for s, r in zip(signals, reads, strict=True) if not r or r & has) for has in range(16)]

    def asked(self, facts: Facts) -> tuple[AnySignal, ...]:
        """Those that may have something to say."""
        caller = facts.caller
        has = 0 if caller.fresh else _HISTORY
        if facts.block.over > 0.0:
            has |= _BLOCK
        if facts.surges is not CALM:
            has |= _SURGES
        if facts.suspect is not None:
            has |= _SUSPECT
        return self._asked[has]


_HISTORY, _BLOCK, _SURGES, _SUSPECT = (
    reads.value for reads in (Reads.HISTORY, Reads.BLOCK, Reads.SURGES, Reads.SUSPECT)
)


def score(call: Call, facts: Facts, signals: Sequence[AnySignal], caps: Mapping[str, float]) -> Scored:
    """The sum and what made it. A capped group's scores are scaled down together, so evidence adds up to the sum."""
    groups: dict[str, list[Evidence]] = {}
    for signal in signals:
        finding = signal.evaluate(call, facts)
        if finding is not None:
            evidence = _evidence(signal, finding)
            if signal.group in groups:
                groups[signal.group].append(evidence)
            else:
                groups[signal.group] = [evidence]
    if not groups:  # most callers are people
        return NOTHING
    points = surge = 0.0
    found: list[Evidence] = []
    for group, members in groups.items():
        for evidence in _capped(members, caps[group]):
            found.append(evidence)
            points += evidence.score
            surge += evidence.score if group == SURGE else 0.0
    return tuple.__new__(Scored, (points, tuple(found), points - surge))


def _evidence(signal: AnySignal, finding: Finding) -> Evidence:
    points = max(-1.0, min(1.0, finding.points))
    return tuple.__new__(Evidence, (signal.name, points, signal.params.weight * points, finding.reason))


def _capped(members: list[Evidence], cap: float) -> list[Evidence]:
    """Only what speaks against the caller is capped; good evidence counts whole."""
    against = 0.0
    for evidence in members:
        against += max(0.0, evidence.score)
    if against <= cap:
        return members
    scale = cap / against
    return [Evidence(e.signal, e.points, e.score * scale, e.reason) if e.score > 0 else e for e in members]
