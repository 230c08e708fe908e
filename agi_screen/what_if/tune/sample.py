"""Labelled calls as counts: calls with the same evidence at the same level are one row, so a search over a million
calls looks at some thousand."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, sqrt

import numpy as np
import numpy.typing as npt

from agi_screen.what_if.replay.trace import LEVELS, Trace
from agi_screen.what_if.scoring import Floats, Scoring
from agi_screen.what_if.tune.labels import Labels, Who

Counts = npt.NDArray[np.int64]
GRAIN = 1000  # points are told apart to a thousandth


@dataclass(frozen=True, slots=True)
class Rates:
    """How a choice of weights and threshold treats the calls of a sample. `people` are those at level normal,
    `others` people at the higher levels; `upper` bounds the true share of people challenged (95 %, Wilson)."""

    people: int
    people_challenged: int
    others: int
    others_challenged: int
    robots: int
    robots_allowed: int

    @property
    def share(self) -> float:
        return self.people_challenged / self.people if self.people else 0.0

    @property
    def upper(self) -> float:
        if not self.people:
            return 1.0
        n, p, z = self.people, self.share, 1.96
        return min(1.0, (p + z * z / (2 * n) + z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n))

    @property
    def allowed(self) -> float:
        return self.robots_allowed / self.robots if self.robots else 0.0

    @property
    def others_share(self) -> float:
        return self.others_challenged / self.others if self.others else 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """`points` has a row for each kind of evidence; `ratio` is its level's threshold in parts of the one at normal;
    no threshold under `floor` is thought of."""

    points: Floats
    ratio: Floats
    people: Counts
    others: Counts
    robots: Counts
    floor: float

    @classmethod
    def of(
        cls,
        trace: Trace,
        labels: Labels,
        wanted: npt.NDArray[np.intp],
        scoring: Scoring,
        ratios: Floats,
        floor: float,
    ) -> Sample:
        """The wanted calls (places in the trace, in order); `ratios` by level."""
        grains = np.rint(trace.points(scoring.names, wanted) * GRAIN).astype(np.int32)
        levels = trace.levels[wanted].astype(np.int32)
        table = np.column_stack([levels, grains])
        rows, place = np.unique(table, axis=0, return_inverse=True)
        place = place.reshape(-1)
        who = labels[wanted]
        normal = levels == 0

        def counted(there: npt.NDArray[np.bool_]) -> Counts:
            return np.bincount(place[there], minlength=len(rows)).astype(np.int64)

        person = who == Who.PERSON
        return cls(
            rows[:, 1:] / GRAIN,
            ratios[rows[:, 0]],
            counted(person & normal),
            counted(person & ~normal),
            counted(who == Who.ROBOT),
            floor,
        )

    def relative(self, scoring: Scoring, weights: Floats) -> Floats:
        """Scores as they would weigh at level normal: what a siege challenges from 1 on counts five times as much."""
        scores: Floats = scoring.scores(self.points, weights) / self.ratio
        return scores

    def threshold(self, relative: Floats, rate: float) -> float:
        """The threshold that challenges at most `rate` of the people and stops the most robots; of several the highest.

        It stands halfway between scores that were seen, and not under `floor`: that no person of a sample has so much
        evidence does not mean that none ever will.
        """
        order = np.argsort(-relative)
        challenged = np.cumsum(self.people[order])
        too_many = np.flatnonzero(challenged > rate * max(1, int(self.people.sum())))
        worst = float(relative[order[too_many[0]]]) + 1e-9 if len(too_many) else -inf
        robots = relative[(self.robots > 0) & (relative > worst) & (relative >= self.floor)]
        above = float(robots.min()) if len(robots) else max(worst, self.floor) * 1.1 + 0.5
        below = relative[relative < above - 1e-9]
        between = (above + (float(below.max()) if len(below) else 0.0)) / 2
        return max(self.floor, ceil(between * 100) / 100)

    def rates(self, relative: Floats, threshold: float) -> Rates:
        """What this threshold at level normal does."""
        stopped = relative >= threshold
        return Rates(
            people=int(self.people.sum()),
            people_challenged=int(self.people[stopped].sum()),
            others=int(self.others.sum()),
            others_challenged=int(self.others[stopped].sum()),
            robots=int(self.robots.sum()),
            robots_allowed=int(self.robots[~stopped].sum()),
        )


def ratios_of(thresholds: dict[str, float]) -> Floats:
    """By level: its threshold in parts of the one at normal."""
    return np.array([thresholds[str(level)] / thresholds["normal"] for level in LEVELS])
