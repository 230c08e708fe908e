"""The search for weights: one at a time, only where it pays, so that a proposal is short and can be understood."""

from __future__ import annotations

import numpy as np

from agi_screen.what_if.scoring import Floats, Scoring
from agi_screen.what_if.tune.sample import Sample

STEPS = (0.0, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2.0, 3.0)
ROUNDS = 4
GAIN = 0.002  # the part of all robots that a change must stop besides, or leave one weight alone
AROUND = (0.5, 1.0, 2.0)  # multiples of the wished rate that count: one alone would fit the accidents of one call
MOST = 20.0


def worth(sample: Sample, scoring: Scoring, weights: Floats, rate: float) -> float:
    """The part of the robots challenged when people are challenged at about this rate, less half the part of people
    challenged at the higher levels."""
    relative = sample.relative(scoring, weights)
    found = [sample.rates(relative, sample.threshold(relative, rate * times)) for times in AROUND]
    return float(np.mean([1.0 - r.allowed - 0.5 * r.others_share for r in found]))


def search(sample: Sample, scoring: Scoring, rate: float) -> Floats:
    """Weights that stop more robots of the sample; the present ones where nothing is gained. Never under zero."""
    weights = scoring.weights.copy()
    best = worth(sample, scoring, weights, rate)
    speaking = np.flatnonzero(np.any(sample.points != 0.0, axis=0))
    for _ in range(ROUNDS):
        before = best
        for column in speaking:
            tried = [(worth(sample, scoring, w, rate), w) for w in _tries(weights, int(column))]
            value, candidate = max(tried, key=lambda pair: pair[0])
            if value > best + GAIN:
                best, weights = value, candidate
        if best <= before:
            break
    return weights


def _tries(weights: Floats, column: int) -> list[Floats]:
    """The weights with one of them changed, rounded as a person would write it."""
    found = []
    for value in dict.fromkeys(round(min(MOST, float(weights[column]) * step), 1) for step in STEPS):
        tried = weights.copy()
        tried[column] = value
        found.append(tried)
    return found
