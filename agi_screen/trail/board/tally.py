"""Counts of all calls since the start, for `/metrics`. They are told with the board's batches, after the callers."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import CaptchaResult

MICROSECONDS = 1_000_000
DECIDE_BOUNDS_US = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000)
CAPTCHA_BOUNDS = (5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0)

# By place, as names cost more (test_tally holds the places).
_verdicts = itemgetter(9, 10)
_captcha, _error, _decide, _way = itemgetter(15), itemgetter(17), itemgetter(18), itemgetter(19)
_decide_place = partial(bisect_left, DECIDE_BOUNDS_US)
Pair = tuple[str, str]


class Tally:
    """Sums that only grow."""

    def __init__(self) -> None:
        self.verdicts: Counter[Pair] = Counter()  # the judge's, and the last one
        self.captchas: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.ways: Counter[str] = Counter()
        self.conduct: Counter[str] = Counter()  # signals that saw something in a CAPTCHA
        self.decide: Counter[int] = Counter()  # by the place among the bounds
        self.decide_us = 0
        self.captcha_times: Counter[int] = Counter()
        self.captcha_seconds = 0.0

    def add(self, records: Sequence[CallRecord]) -> None:
        self.verdicts.update(map(_verdicts, records))
        self.captchas.update(map(_captcha, records))
        self.errors.update(map(_error, records))
        self.ways.update(map(_way, records))
        times = list(map(_decide, records))
        self.decide.update(map(_decide_place, times))
        self.decide_us += sum(times)
        for record in records:
            if record[15] is not CaptchaResult.SKIPPED:
                self._asked(record)

    def _asked(self, record: CallRecord) -> None:
        self.conduct.update(evidence.signal for evidence in record.conduct if evidence.score)
        self.captcha_times[bisect_left(CAPTCHA_BOUNDS, record.captcha_time)] += 1
        self.captcha_seconds += record.captcha_time

    def by_last_verdict(self) -> dict[str, int]:
        """Calls by what the dialplan was told last."""
        return self._summed(1)

    def by_verdict(self) -> dict[str, int]:
        """Calls by the judge's verdict."""
        return self._summed(0)

    def _summed(self, place: int) -> dict[str, int]:
        found: Counter[str] = Counter()
        for pair, count in self.verdicts.items():
            found[str(pair[place])] += count
        return dict(found)


def spread(counts: Counter[Any], bounds: Sequence[float]) -> list[int]:
    """Of a histogram, in order, those over the last bound too."""
    return [counts[place] for place in range(len(bounds) + 1)]
