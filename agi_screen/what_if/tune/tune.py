"""From labelled calls to a proposal, trained on the earlier part of them and tried on the later."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from agi_screen.settings import Settings
from agi_screen.what_if.replay.run import Run
from agi_screen.what_if.replay.trace import LEVELS, Trace
from agi_screen.what_if.scoring import Floats, Scoring
from agi_screen.what_if.tune.labels import Labels, Who
from agi_screen.what_if.tune.proposal import proposed_toml
from agi_screen.what_if.tune.sample import Rates, Sample, ratios_of
from agi_screen.what_if.tune.search import search

CUTS = (0.7, 0.6, 0.5, 0.8)  # where the earlier part may end: the first at which both parts have labels enough
CURVE = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1)
ROBOTS_TRAIN, ROBOTS_TEST = 30, 10
LEAST = 0.2  # of the present threshold: nothing under it is proposed
WORTH_IT = 0.005  # the part of the later robots that new weights must stop besides


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the trade-off, on the later part: at this rate of people challenged, so many robots are let
    through, with the present weights and with the proposed ones."""

    rate: float
    present_allowed: float
    proposed_allowed: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Weights and threshold, and what they do on both parts."""

    challenge: float
    weights: dict[str, float]
    earlier: Rates
    later: Rates


@dataclass(frozen=True, slots=True)
class Tuned:
    """`toml` is what to change; empty where nothing is proposed, and `why` says why."""

    people: int
    robots: int
    unlabelled: int
    why: str
    cut: float = 0.0
    present: Choice | None = None
    proposed: Choice | None = None
    curve: tuple[Point, ...] = ()
    toml: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Tuner:
    """One replay with labels. `rate` is the wished part of people who are challenged on an ordinary day."""

    def __init__(self, run: Run, labels: Labels, rate: float) -> None:
        self._settings: Settings = run.settings
        self._trace: Trace = run.trace
        self._labels = labels
        self._rate = rate
        policy = self._settings.config.policy
        self._scoring = Scoring(self._settings.signals, self._settings.config.groups)
        self._ratios = ratios_of({str(level): policy.of(level).challenge for level in LEVELS})

    def tuned(self) -> Tuned:
        """The proposal, or why there is none."""
        labels = self._labels
        counts = (int((labels == Who.PERSON).sum()), int((labels == Who.ROBOT).sum()), int((labels == 0).sum()))
        cut = next((cut for cut in map(self._cut_at, CUTS) if self._enough(cut)), None)
        if cut is None:
            return Tuned(*counts, self._too_few())
        earlier, later = self._sample(cut, earlier=True), self._sample(cut, earlier=False)
        present = self._choice(self._scoring.weights, self._present_threshold, earlier, later)
        proposed = self._best(earlier, later)
        curve = self._curve(later, self._weights(proposed))
        why = self._why_not(present, proposed)
        toml = "" if why else self._toml(proposed)
        return Tuned(*counts, why, float(self._trace.starts[cut]), present, proposed, curve, toml)

    @property
    def _present_threshold(self) -> float:
        return self._settings.config.policy.normal.challenge

    def _best(self, earlier: Sample, later: Sample) -> Choice:
        """New weights only where they are worth it on calls that they were not made from."""
        same = self._fitted(self._scoring.weights, earlier, later)
        other = self._fitted(search(earlier, self._scoring, self._rate), earlier, later)
        worse = other.later.share > max(self._rate, same.later.share)
        return same if worse or same.later.allowed - other.later.allowed < WORTH_IT else other

    def _fitted(self, weights: Floats, earlier: Sample, later: Sample) -> Choice:
        threshold = earlier.threshold(earlier.relative(self._scoring, weights), self._rate)
        return self._choice(weights, threshold, earlier, later)

    def _choice(self, weights: Floats, threshold: float, earlier: Sample, later: Sample) -> Choice:
        rates = (part.rates(part.relative(self._scoring, weights), threshold) for part in (earlier, later))
        named = {name: float(weight) for name, weight in zip(self._scoring.names, weights, strict=True)}
        return Choice(round(threshold, 2), named, *rates)

    def _weights(self, choice: Choice) -> Floats:
        return np.array([choice.weights[name] for name in self._scoring.names])

    def _curve(self, later: Sample, weights: Floats) -> tuple[Point, ...]:
        present, proposed = (later.relative(self._scoring, w) for w in (self._scoring.weights, weights))
        rates = sorted({*CURVE, self._rate})
        return tuple(
            Point(rate, *(later.rates(r, later.threshold(r, rate)).allowed for r in (present, proposed)))
            for rate in rates
        )

    def _why_not(self, present: Choice, proposed: Choice) -> str:
        if proposed.weights == present.weights and abs(proposed.challenge - present.challenge) < 0.01:
            return "the present configuration is what would be proposed"
        challenged = proposed.later.people_challenged
        if proposed.later.share > max(1.5 * self._rate, present.later.share) and challenged >= 3:
            return "what fits the earlier calls challenges too many people of the later ones: traffic has changed"
        gained = present.later.allowed - proposed.later.allowed
        if gained <= 0.0 and present.later.share <= self._rate and present.earlier.share <= self._rate:
            return "the present configuration keeps to the wished rate, and no change lets fewer robots through"
        return ""

    def _toml(self, proposed: Choice) -> str:
        weights = self._weights(proposed)
        people = np.flatnonzero(self._labels == Who.PERSON)
        own = self._scoring.own_scores(self._trace.points(self._scoring.names, people), weights)
        challenge = {level: proposed.challenge * float(self._ratios[code]) for code, level in enumerate(LEVELS)}
        return proposed_toml(self._settings, challenge, float(own.max(initial=0.0)), proposed.weights)

    def _cut_at(self, part: float) -> int:
        labelled = np.flatnonzero(self._labels)
        return int(labelled[int(part * (len(labelled) - 1))]) if len(labelled) else 0

    def _enough(self, cut: int) -> bool:
        normal = self._trace.levels == 0
        people, robots = (self._labels == Who.PERSON) & normal, self._labels == Who.ROBOT
        enough = people[:cut].sum() >= self._least[0] and people[cut:].sum() >= self._least[1]
        return bool(enough and robots[:cut].sum() >= ROBOTS_TRAIN and robots[cut:].sum() >= ROBOTS_TEST)

    @property
    def _least(self) -> tuple[int, int]:
        """People needed in both parts: with fewer the wished rate is less than one of them."""
        return max(100, ceil(1 / self._rate)), max(50, ceil(0.5 / self._rate))

    def _sample(self, cut: int, *, earlier: bool) -> Sample:
        known: npt.NDArray[np.intp] = np.flatnonzero(self._labels)
        wanted = known[known < cut] if earlier else known[known >= cut]
        floor = self._present_threshold * LEAST
        return Sample.of(self._trace, self._labels, wanted, self._scoring, self._ratios, floor)

    def _too_few(self) -> str:
        people = sum(self._least)
        return (
            f"too few labels: {people:,} people at level normal and {ROBOTS_TRAIN + ROBOTS_TEST} robots are needed, "
            f"spread over the time, some of each in the later third. A Master.csv tells people by their talk, but no "
            "robots: name those with --labels (uniqueid,label), or tune from the records of agi-screen"
        )
