"""The sum of the judge for many calls at once: what a score would be with other weights. A test holds it to the judge's
own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from agi_screen.judge.registry import AnySignal
from agi_screen.judge.score import SURGE

Floats = npt.NDArray[np.float64]


class Scoring:
    """Signals in a fixed order, their weights and the caps of their groups. Tables of points have a row a call and a
    column a signal."""

    def __init__(self, signals: Sequence[AnySignal], caps: Mapping[str, float]) -> None:
        self.names = tuple(signal.name for signal in signals)
        self.weights: Floats = np.array([float(signal.params.weight) for signal in signals])
        self.groups = tuple(signal.group for signal in signals)
        members = {group: [i for i, g in enumerate(self.groups) if g == group] for group in self.groups}
        self._groups = [(members[group], float(caps[group]), group) for group in members]

    def scores(self, points: Floats, weights: Floats | None = None) -> Floats:
        """The score of each call."""
        return self._sum(points, weights, own=False)

    def own_scores(self, points: Floats, weights: Floats | None = None) -> Floats:
        """The part that the call itself has earned: only this can reject."""
        return self._sum(points, weights, own=True)

    def _sum(self, points: Floats, weights: Floats | None, *, own: bool) -> Floats:
        parts = points * (self.weights if weights is None else weights)
        total = np.zeros(len(points))
        for members, cap, group in self._groups:
            if own and group == SURGE:
                continue
            of_group = parts[:, members]
            total += np.minimum(np.maximum(of_group, 0.0).sum(axis=1), cap) + np.minimum(of_group, 0.0).sum(axis=1)
        return total
