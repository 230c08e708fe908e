"""What a judge said of each call of a replay, in flat arrays: a million calls take some tens of megabytes."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from agi_screen.base.verdict import Decision, Level, Verdict

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

VERDICTS = tuple(Verdict)
LEVELS = tuple(Level)
_VERDICT_CODE = {verdict: code for code, verdict in enumerate(VERDICTS)}
_LEVEL_CODE = {level: code for code, level in enumerate(LEVELS)}


class Hits:
    """The calls at which one signal spoke: their places, its points and what it added to the score."""

    __slots__ = ("places", "points", "scores")

    def __init__(self) -> None:
        self.places = array("L")
        self.points = array("d")
        self.scores = array("d")


class Trace:
    """A row a call, in the order of the calls; `ended_by` counts what ended a judging (a list, a pass)."""

    def __init__(self) -> None:
        self._starts = array("d")
        self._scores = array("d")
        self._verdicts = bytearray()
        self._levels = bytearray()
        self.hits: dict[str, Hits] = {}
        self.ended_by: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._verdicts)

    def add(self, start: float, decision: Decision) -> None:
        """The next call."""
        verdict, score, level, evidence, final, _ = decision
        place = len(self._verdicts)
        self._starts.append(start)
        self._scores.append(score)
        self._verdicts.append(_VERDICT_CODE[verdict])
        self._levels.append(_LEVEL_CODE[level])
        if final:
            self.ended_by[final] = self.ended_by.get(final, 0) + 1
        for name, points, part, _ in evidence:
            hits = self.hits.get(name)
            if hits is None:
                hits = self.hits[name] = Hits()
            hits.places.append(place)
            hits.points.append(points)
            hits.scores.append(part)

    @property
    def starts(self) -> Floats:
        """Seconds since 1970 UTC."""
        return _floats(self._starts)

    @property
    def scores(self) -> Floats:
        return _floats(self._scores)

    @property
    def verdicts(self) -> Codes:
        """Places in `VERDICTS`."""
        return np.frombuffer(bytes(self._verdicts), dtype=np.uint8)

    @property
    def levels(self) -> Codes:
        """Places in `LEVELS`."""
        return np.frombuffer(bytes(self._levels), dtype=np.uint8)

    def points(self, names: tuple[str, ...], wanted: npt.NDArray[np.intp]) -> Floats:
        """A row for each wanted call (their places, in order), a column a signal: its points, 0 where it was silent."""
        table = np.zeros((len(wanted), len(names)))
        row_of = np.full(len(self), -1, dtype=np.int64)
        row_of[wanted] = np.arange(len(wanted))
        for column, name in enumerate(names):
            hits = self.hits.get(name)
            if hits is not None:
                rows = row_of[np.array(hits.places, dtype=np.int64)]
                there = rows >= 0
                table[rows[there], column] = _floats(hits.points)[there]
        return table


def _floats(values: Any) -> Floats:
    return np.array(values, dtype=np.float64)
