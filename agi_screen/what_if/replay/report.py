"""What a replay found, in figures: for the terminal, for JSON and for the page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from heapq import heappush, heappushpop
from typing import Any

import numpy as np

from agi_screen.base.verdict import Decision, Verdict
from agi_screen.settings import Settings
from agi_screen.what_if.replay.past import PastCall
from agi_screen.what_if.replay.run import Run
from agi_screen.what_if.replay.trace import LEVELS, VERDICTS, Trace
from agi_screen.what_if.scoring import Scoring

EXAMPLES = 5  # of each kind of change


@dataclass(frozen=True, slots=True)
class Share:
    """So many calls, and their part of all."""

    calls: int
    share: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one signal did: calls it spoke at, its mean points and score there, and calls that are let through
    without it."""

    signal: str
    calls: int
    mean_points: float
    mean_score: float
    only_because: int


@dataclass(frozen=True, slots=True)
class Judged:
    """One configuration's verdicts."""

    config: str
    verdicts: dict[str, Share]
    levels: dict[str, int]
    ended_by: dict[str, int]
    signals: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A call that the two configurations judge differently."""

    uniqueid: str
    start: str
    src: str
    score: float
    other_score: float
    reasons: str
    other_reasons: str


@dataclass(frozen=True, slots=True)
class Change:
    """A kind of change, such as `allow → challenge`."""

    was: str
    becomes: str
    calls: int
    examples: tuple[Example, ...]


class Changes:
    """Calls judged differently, by kind; of each kind those whose scores differ most are kept."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Verdict, Verdict], int] = {}
        self._most: dict[tuple[Verdict, Verdict], list[tuple[float, int, Example]]] = {}
        self._seen = 0

    def add(self, call: PastCall, now: Decision, other: Decision) -> None:
        """One call that is judged differently."""
        kind = (now.verdict, other.verdict)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        self._seen += 1
        most = self._most.setdefault(kind, [])
        apart = abs(now.score - other.score)
        if len(most) == EXAMPLES and apart <= most[0][0]:
            return
        why = (now.score, other.score, now.reasons, other.reasons)
        entry = (apart, -self._seen, Example(call.uniqueid, call.said, call.src, *why))
        (heappush if len(most) < EXAMPLES else heappushpop)(most, entry)

    def found(self) -> tuple[Change, ...]:
        """Most frequent first."""
        kinds = sorted(self._counts.items(), key=lambda item: -item[1])
        return tuple(
            Change(str(was), str(becomes), count, tuple(e for *_, e in sorted(self._most[was, becomes], reverse=True)))
            for (was, becomes), count in kinds
        )


@dataclass(frozen=True, slots=True)
class Replayed:
    """A whole replay. Seconds are of this machine; `notes` are for a person to read."""

    file: str
    source: str
    calls: int
    first: str
    last: str
    read_seconds: float
    judge_seconds: float
    bad_lines: int
    lists: str
    notes: tuple[str, ...]
    judged: Judged
    against: Judged | None = None
    changes: tuple[Change, ...] = ()

    @property
    def calls_per_second(self) -> float:
        return self.calls / max(1e-9, self.read_seconds + self.judge_seconds)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "calls_per_second": round(self.calls_per_second)}


def judged(run: Run) -> Judged:
    """The figures of one run."""
    trace = run.trace
    total = max(1, len(trace))
    counts = np.bincount(trace.verdicts, minlength=len(VERDICTS))
    levels = np.bincount(trace.levels, minlength=len(LEVELS))
    return Judged(
        str(run.settings.path),
        {str(verdict): Share(int(n), int(n) / total) for verdict, n in zip(VERDICTS, counts, strict=True) if n},
        {str(level): int(n) for level, n in zip(LEVELS, levels, strict=True) if n},
        dict(sorted(trace.ended_by.items())),
        contributions(trace, run.settings),
    )


def contributions(trace: Trace, settings: Settings) -> tuple[Contribution, ...]:
    """Each signal in force, the one that challenges most alone first."""
    scoring = Scoring(settings.signals, settings.config.groups)
    stopped = np.flatnonzero(trace.verdicts != VERDICTS.index(Verdict.ALLOW))
    points = trace.points(scoring.names, stopped)
    needed = np.array([settings.config.policy.of(level).challenge for level in LEVELS])[trace.levels[stopped]]
    whole = scoring.scores(points)
    found = []
    for column, name in enumerate(scoring.names):
        hits = trace.hits.get(name)
        without = scoring.scores(points, scoring.weights * (np.arange(len(scoring.names)) != column))
        alone = int(np.count_nonzero((whole >= needed) & (without < needed)))
        means = (np.mean(hits.points), np.mean(hits.scores)) if hits else (0.0, 0.0)
        found.append(Contribution(name, len(hits.places) if hits else 0, float(means[0]), float(means[1]), alone))
    return tuple(sorted(found, key=lambda c: (-c.only_because, -c.calls, c.signal)))
