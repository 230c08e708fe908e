"""Mean and 95 % confidence interval over seeds, by Student's t."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan, nan, sqrt
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

_Z = NormalDist().inv_cdf(0.975)
_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447}  # where the expansion below is too coarse


class Interval(NamedTuple):
    """`low` and `high` are `nan` for a single value; all are for none."""

    mean: float
    low: float
    high: float
    seeds: int

    @property
    def half(self) -> float:
        return (self.high - self.low) / 2


def t_975(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, within 0.1 %."""
    if freedom in _T:
        return _T[freedom]
    z = _Z
    terms = ((z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384)
    return z + sum(term / float(freedom) ** (k + 1) for k, term in enumerate(terms))


def interval(values: Iterable[float]) -> Interval:
    """Values that are not a number (nothing to measure in that run) are left out."""
    good = [value for value in values if not isnan(value)]
    if not good:
        return Interval(nan, nan, nan, 0)
    mean = fmean(good)
    if len(good) == 1:
        return Interval(mean, nan, nan, 1)
    half = t_975(len(good) - 1) * stdev(good) / sqrt(len(good))
    return Interval(mean, mean - half, mean + half, len(good))


def intervals(runs: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
    """By measure, in the order of the first run that has it."""
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: interval(run.get(name, nan) for run in runs) for name in names}
