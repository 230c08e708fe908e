"""Counts by step of time, for the last so many steps: a ring whose sum is always known."""

from __future__ import annotations


class Rates:
    """`steps` steps of `columns` counts each. A step is a number that never goes back, such as a second of `ticks`."""

    def __init__(self, steps: int, columns: int) -> None:
        self._steps = steps
        self._zero = [0] * columns
        self._rows = [list(self._zero) for _ in range(steps)]
        self._begun = self._newest = -1
        self.sums = list(self._zero)  # of all steps in the ring

    def turn(self, step: int) -> None:
        """Time has come to this step; the oldest are let go. A step before the newest changes nothing."""
        if self._newest < 0:
            self._begun = self._newest = step
        for new in range(max(self._newest + 1, step - self._steps + 1), step + 1):
            place = new % self._steps
            self.sums = [total - gone for total, gone in zip(self.sums, self._rows[place], strict=True)]
            self._rows[place] = list(self._zero)
        if step >= self._newest + self._steps:  # all of it is past: nothing was taken off for the steps jumped over
            self.sums = list(self._zero)
        self._newest = max(step, self._newest)

    def add(self, step: int, column: int, count: int = 1) -> None:
        """Counts at the newest step at least: time never goes back here."""
        if step > self._newest:
            self.turn(step)
        self._rows[self._newest % self._steps][column] += count
        self.sums[column] += count

    def add_row(self, step: int, row: list[int]) -> None:
        """A whole row of counts."""
        for column, count in enumerate(row):
            if count:
                self.add(step, column, count)

    def rows(self, after: int, upto: int) -> tuple[int, list[list[int]]]:
        """The rows of the steps `after` < step <= `upto` that are still here, oldest first, and the first step.

        What was before the first count is not there: nobody looked then."""
        last = min(upto, self._newest)
        first = max(after + 1, self._newest - self._steps + 1, self._begun)
        return first, [list(self._rows[step % self._steps]) for step in range(first, last + 1)]
