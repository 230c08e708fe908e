"""Number blocks, and sequential dialling inside them: runs of near-adjacent numbers that chance does not make."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from agi_screen.what_if.investigate.columns import Bools, Columns, Floats, Ints
from agi_screen.what_if.investigate.numbers import AREA, EXCHANGE, THOUSAND
from agi_screen.what_if.investigate.origin import verdict_table

DEPTHS = {"area": AREA, "exchange": EXCHANGE, "thousand": THOUSAND}
NEAR = 3  # numbers apart, at most, for two of them to be neighbours: diallers skip some
LEAST_RUN = 5
CHANCE = 0.01  # runs of this length that numbers strewn over the block would show: beyond it a run means nothing
SURE_OFF = 6.0  # standard deviations
_SIZE = 10**EXCHANGE


@dataclass(frozen=True, slots=True)
class Block:
    """One block of `open_digits` open digits. `first` is when its first call came, in seconds since 1970 UTC;
    `in_runs` of its callers stand in sequential runs. `by_verdict` in the order of VERDICTS, as told last."""

    block: int
    open_digits: int
    calls: int
    callers: int
    first: float
    in_runs: int
    by_verdict: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers `low` to `high`, each at most NEAR from the next. `rising` is the share of steps from one number to the
    next higher one that also went forward in time: 1 is dialled upwards, 0 downwards."""

    low: int
    high: int
    callers: int
    first: float
    last: float
    rising: float


@dataclass(frozen=True, slots=True)
class Callers:
    """The distinct E.164 callers, by number: when each was first seen, and which of them stand in a run."""

    number: Ints
    first: Floats
    in_run: Bools
    runs: tuple[Run, ...]


def distinct_callers(columns: Columns) -> Callers:
    """All callers with a number, and their sequential runs, longest first."""
    real = columns.caller >= 0
    number, at = np.unique(columns.caller[real], return_index=True)  # the first of each: rows come by their time
    first = columns.started[real][at]
    in_run = np.zeros(len(number), bool)
    runs: list[Run] = []
    for start, end in _chains(number, first):
        runs.append(_run(number[start:end], first[start:end]))
        in_run[start:end] = True
    return Callers(number, first, in_run, tuple(sorted(runs, key=lambda r: (-r.callers, r.low))))


def _chains(number: Ints, first: Floats) -> list[tuple[int, int]]:
    """From and to (not included) of each run of neighbours longer than chance makes them."""
    if not len(number):
        return []
    breaks = np.flatnonzero(np.diff(number) > NEAR) + 1
    starts = np.concatenate(([0], breaks))
    ends = np.concatenate((breaks, [len(number)]))
    _, which, filled = np.unique(number // _SIZE, return_inverse=True, return_counts=True)
    long = ends - starts >= LEAST_RUN
    return [
        (int(start), int(end))
        for start, end in zip(starts[long], ends[long], strict=True)
        if _by_chance(int(filled[which[start]]), int(end - start)) < CHANCE or _counted(first[start:end])
    ]


def _by_chance(filled: int, length: int) -> float:
    """How many runs of this length `filled` numbers strewn over one block would show."""
    near = 1.0 - (1.0 - min(1.0, filled / _SIZE)) ** NEAR
    return filled * float(near ** (length - 1))


def _counted(first: Floats) -> bool:
    """Whether their times rise or fall with the numbers, as chance never has it: a block dialled from end to end is
    too full for its neighbours to tell anything."""
    steps = len(first) - 1
    off = abs(int((np.diff(first) > 0).sum()) - steps / 2)
    return off > SURE_OFF * sqrt((steps + 2) / 12)  # the standard deviation of rises in a shuffled order


def _run(number: Ints, first: Floats) -> Run:
    rising = float((np.diff(first) > 0).mean())
    return Run(int(number[0]), int(number[-1]), len(number), float(first.min()), float(first.max()), rising)


def blocks(columns: Columns, callers: Callers, open_digits: int) -> list[Block]:
    """All blocks of one depth, most distinct callers first."""
    real = columns.caller >= 0
    block, which = np.unique(columns.caller[real] // 10**open_digits, return_inverse=True)
    told = verdict_table(which, columns.final[real], len(block))
    of_caller = np.searchsorted(block, callers.number // 10**open_digits)
    distinct = np.bincount(of_caller, minlength=len(block))
    sequential = np.bincount(of_caller[callers.in_run], minlength=len(block))
    first = np.full(len(block), np.inf)
    np.minimum.at(first, of_caller, callers.first)
    made = [
        Block(int(block[i]), open_digits, sum(told[i]), int(distinct[i]), float(first[i]), int(sequential[i]), told[i])
        for i in range(len(block))
        if block[i] > 0
    ]
    return sorted(made, key=lambda b: (-b.callers, -b.calls, b.block))
