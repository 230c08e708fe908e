"""Keys at a machine's pace: all at once, spaced like a clock's, or sooner than any ear can hear."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, isfinite, lgamma, log
from statistics import fmean, median
from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.base.conduct import Conduct
from agi_screen.base.units import Duration
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams

HINT = 0.05  # a rhythm that one person in twenty has says nothing
SHORTEST, LONGEST = 0.001, 60.0  # seconds: gaps that count
GRAIN = 0.02  # seconds: telephones send packets, and a key is over at the end of one
ALONE = 0.5  # strength of a single gap at once: two thumbs can do that


class Params(SignalParams):
    """`at_once`: gaps between keys, from the end of one to the end of the next, that no finger can do; `varies`: how
    much a person's gaps vary (deviation / mean); `rare`: so few persons press as evenly by chance, at full strength;
    `reaction`: between the begin of a word and its key, less is impossible."""

    at_once: Duration
    varies: Annotated[float, Field(gt=0, le=1)]
    rare: Annotated[float, Field(gt=0, lt=HINT)]
    reaction: Duration


class KeyRhythm(Signal[Params]):
    """Judged by chance, not by one threshold: two gaps are alike often enough, five never."""

    name = "key_rhythm"
    group = "conduct"
    reads = Reads.CONDUCT
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        if facts.conduct is None:
            return None
        gaps = [max(SHORTEST, gap) for gap in facts.conduct.gaps if 0.0 <= gap <= LONGEST]
        found = (self._too_soon(facts.conduct), self._at_once(gaps), self._even(gaps))
        return max((finding for finding in found if finding), default=None)

    def _too_soon(self, conduct: Conduct) -> Finding | None:
        """Of right keys only: a wrong one that comes so soon was pressed by chance."""
        soonest = min((attempt.reacted for attempt in conduct.attempts if attempt.right), default=LONGEST)
        if not 0.0 <= soonest < self.params.reaction:
            return None
        return Finding(1.0, f"right key {soonest * 1000:.0f} ms after its word began")

    def _at_once(self, gaps: Sequence[float]) -> Finding | None:
        if not gaps or median(gaps) >= self.params.at_once:
            return None
        return Finding(1.0 if len(gaps) > 1 else ALONE, f"{len(gaps) + 1} keys, {median(gaps) * 1000:.0f} ms apart")

    def _even(self, gaps: Sequence[float]) -> Finding | None:
        if len(gaps) < 2:
            return None
        chance = evenness_by_chance(gaps, self.params.varies)
        if chance >= HINT:
            return None
        rare = self.params.rare
        strength = 1.0 if chance <= rare else log(chance / HINT) / log(rare / HINT)
        reason = (
            f"{len(gaps)} gaps of {fmean(gaps) * 1000:.0f} ms, as even as 1 person's in {1 / max(chance, 1e-6):.0f}"
        )
        return Finding(strength, reason) if strength > 0.0 else None


def evenness_by_chance(gaps: Sequence[float], varies: float) -> float:
    """The share of persons whose gaps are as alike as these, if a person's are lognormal and vary so much.

    The logarithms' squared deviations, by their variance, are then chi-squared, one degree of freedom less than gaps.
    What packets make alike is added: without it, one person in twenty would press three keys like a clock.
    """
    logs = [log(gap) for gap in gaps]
    middle, freedom = fmean(logs), len(gaps) - 1
    hidden = freedom * (GRAIN / fmean(gaps)) ** 2 / 12
    apart = sum((one - middle) ** 2 for one in logs) + hidden
    return chi_squared(apart / log(1.0 + varies * varies), freedom)


def chi_squared(x: float, freedom: int) -> float:
    """The share of chi-squared values up to x, by the series of the incomplete gamma function."""
    if x <= 0.0:
        return 0.0
    a, half = freedom / 2, x / 2
    if half > a or not isfinite(half):
        return 1.0  # beyond the mean nobody asks
    term = total = 1.0
    n = 0
    while term > total * 1e-9:
        n += 1
        term *= half / (a + n)
        total += term
    return min(1.0, exp(a * log(half) - half - lgamma(a + 1.0)) * total)
