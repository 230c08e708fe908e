"""What came when: calls by verdict and level, and the growth of distinct callers and blocks, in even steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agi_screen.what_if.investigate.blocks import Callers
from agi_screen.what_if.investigate.columns import LEVELS, VERDICTS, Columns, Floats, Ints
from agi_screen.what_if.investigate.first_sign import MINUTE, FirstSign
from agi_screen.what_if.investigate.numbers import EXCHANGE, THOUSAND

MOST_STEPS = 240
CLOSE_BEFORE, CLOSE_AFTER, CLOSE_STEP = 300.0, 900.0, 5.0  # seconds
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 10_080)  # minutes


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of `step` seconds from `start` (seconds since 1970 UTC) on. `verdicts` has a row a step, in the order of
    VERDICTS, as told last; `level` is the highest place in LEVELS of the step's calls, -1 without any; `normal` in
    calls a step."""

    start: float
    step: float
    verdicts: Ints
    level: Ints
    normal: Floats

    @property
    def edges(self) -> Floats:
        """The start of each step, and the end of the last."""
        return self.start + self.step * np.arange(len(self.level) + 1, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole range, and closer what was around the first sign (None without one). `callers`, `exchanges` and
    `thousands` are the distinct ones until the end of each step of `whole`."""

    whole: Steps
    close: Steps | None
    callers: Ints
    exchanges: Ints
    thousands: Ints


def timeline(columns: Columns, callers: Callers, sign: FirstSign) -> Timeline:
    """In as many steps as a picture can show."""
    minutes = _step(len(sign.minutes))
    step = MINUTE * minutes
    count = -(-len(sign.minutes) // minutes)
    normal = np.bincount(np.arange(len(sign.minutes)) // minutes, sign.normal.rate, count).astype(np.float64)
    whole = _steps(columns, MINUTE * sign.first_minute, step, normal)

    def growth(firsts: Floats) -> Ints:
        return np.cumsum(np.bincount(_places(firsts, whole.start, step, count), minlength=count))

    of_callers = np.unique(columns.caller, return_index=True)[1]
    grown = (columns.started[of_callers], _firsts(callers, EXCHANGE), _firsts(callers, THOUSAND))
    return Timeline(whole, _close(columns, sign), *map(growth, grown))


def _close(columns: Columns, sign: FirstSign) -> Steps | None:
    """From some minutes before the first sign on, in small steps."""
    if sign.start is None:
        return None
    start = max(MINUTE * sign.first_minute, sign.start - CLOSE_BEFORE)
    end = min(MINUTE * (sign.first_minute + len(sign.minutes)), sign.start + CLOSE_AFTER)
    of_step = start + CLOSE_STEP * np.arange(max(1, int((end - start) // CLOSE_STEP)))
    normal = sign.normal.rate[(of_step / MINUTE).astype(np.int64) - sign.first_minute] * CLOSE_STEP / MINUTE
    return _steps(columns, start, CLOSE_STEP, normal)


def _steps(columns: Columns, start: float, step: float, normal: Floats) -> Steps:
    """As many as `normal` has; calls outside of them are left out."""
    count, kinds = len(normal), len(VERDICTS)
    inside = (columns.started >= start) & (columns.started < start + step * count)
    place = _places(columns.started[inside], start, step, count)
    verdicts = np.bincount(place * kinds + columns.final[inside], minlength=count * kinds).reshape(count, kinds)
    level = np.full(count, -1)
    np.maximum.at(level, place, columns.level[inside])
    return Steps(start, step, verdicts, level, normal)


def _places(at: Floats, start: float, step: float, count: int) -> Ints:
    return np.clip((at - start) // step, 0, count - 1).astype(np.int64)


def _step(minutes: int) -> int:
    return next((step for step in STEPS if minutes <= step * MOST_STEPS), STEPS[-1])


def _firsts(callers: Callers, open_digits: int) -> Floats:
    """When each block was first seen."""
    _, which = np.unique(callers.number // 10**open_digits, return_inverse=True)
    first = np.full(int(which.max()) + 1 if len(which) else 0, np.inf)
    np.minimum.at(first, which, callers.first)
    return first


@dataclass(frozen=True, slots=True)
class LevelChange:
    """From `at` on calls were judged at `level`."""

    at: float
    level: str


def level_changes(columns: Columns) -> list[LevelChange]:
    """The first call's level, and each one that differs from the call's before it."""
    changed = np.flatnonzero(np.diff(columns.level, prepend=-1))
    return [LevelChange(float(columns.started[i]), LEVELS[int(columns.level[i])].value) for i in changed]


@dataclass(frozen=True, slots=True)
class Spacing:
    """Gaps between calls that follow each other, whoever called: in milliseconds, calls in each bin of
    `edges`, beside what as many calls that know nothing of each other would show."""

    edges: Floats
    found: Ints
    by_chance: Floats
    variation: float


def spacing(started: Floats) -> Spacing:
    """Of calls that started then. Coefficient of variation 1 is chance; near 0 is one machine with a fixed pause; above
    1 comes in bursts."""
    edges = 10.0 ** np.arange(0, 7.01, 0.25)
    gaps = np.diff(np.sort(started)) * 1000.0
    mean = float(gaps.mean()) if len(gaps) else 0.0
    if mean <= 0:
        return Spacing(edges, np.zeros(len(edges) - 1, np.int64), np.zeros(len(edges) - 1), float("nan"))
    found = np.histogram(np.clip(gaps, edges[0], edges[-1] - 1), edges)[0]
    beyond = np.exp(-edges / mean)
    beyond[0], beyond[-1] = 1.0, 0.0
    return Spacing(edges, found, len(gaps) * -np.diff(beyond), float(gaps.std() / mean))
