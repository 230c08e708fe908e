"""How many calls come, against what is usual at this hour of the week: learned, and not to be taught by an attack."""

from __future__ import annotations

from collections.abc import Mapping

from agi_screen.judge.kept import amounts

HOURS = 168
STEP = 300.0  # seconds of one lesson
_STEP = STEP  # a C number where this is compiled
WEEKS = 6.0  # lessons of the same hour count for so many weeks
LEAST_LESSONS = 12.0  # an hour of lessons: before it, an hour of the week is guessed from others


class Baseline:
    """Usual calls a second by hour of the week (UTC).

    `floor` is what is never too many; `start` is taken for usual until the hour is known, from this or another day.
    `rate` is what is usual now, at least the floor.
    """

    def __init__(self, floor: float, start: float) -> None:
        self.learned_rate = start  # the same without the floor
        self._rates = [0.0] * HOURS
        self._lessons = [0.0] * HOURS
        self._began = 0.0
        self._calls = 0
        self.configure(floor, start)

    def configure(self, floor: float, start: float) -> None:
        """Takes new figures; what was learned stays."""
        self._floor, self._start = floor, start
        self.rate = self._usual(self._began)

    def taught(self, at: float, usual: bool) -> None:
        """A call at `at`. Only calls of quiet times teach (`usual`); a step's calls are one lesson."""
        if not 0.0 <= at - self._began < _STEP:
            self._lesson(at)
        if usual:
            self._calls += 1

    def expected(self, at: float) -> float:
        """Calls a second of that hour, as far as it is known: the hour itself, else that hour of other days."""
        slot = int(at // 3600) % HOURS
        known = self._lessons[slot]
        own = self._rates[slot]
        if known >= LEAST_LESSONS:
            return own
        others = [h for h in range(slot % 24, HOURS, 24) if self._lessons[h] >= LEAST_LESSONS]
        # Too high rather than too low: people are the thing protected.
        return max((self._rates[h] for h in others), default=self._start)

    def quiet(self) -> None:
        """This step must teach nothing: an attack is on."""
        self._calls = -1_000_000_000

    def keep(self) -> dict[str, object]:
        return {"rates": list(self._rates), "lessons": list(self._lessons)}

    def take_over(self, kept: Mapping[str, object]) -> None:
        """What an earlier run learned; anything of another shape is left alone."""
        rates, lessons = amounts(kept.get("rates"), HOURS), amounts(kept.get("lessons"), HOURS)
        if rates is not None and lessons is not None:
            self._rates, self._lessons = rates, lessons

    def _lesson(self, at: float) -> None:
        """Ends one step and begins the next. Steps without any call are lessons too, up to a day of them."""
        if self._began:
            end = min(at, self._began + 86_400.0)
            moment, calls = self._began, self._calls
            while moment + STEP <= end:
                if calls >= 0:
                    self._learn(int(moment // 3600) % HOURS, calls / STEP)
                moment, calls = moment + STEP, 0
        self._began = at - at % STEP
        self._calls = 0
        self.rate = self._usual(at)

    def _usual(self, at: float) -> float:
        self.learned_rate = self.expected(at)
        return max(self._floor, self.learned_rate)

    def _learn(self, slot: int, rate: float) -> None:
        known = self._lessons[slot]
        weight = 1.0 / (min(known, WEEKS * 3600.0 / STEP) + 1.0)
        if known >= LEAST_LESSONS:  # one odd step moves what is known by no more than twice itself
            rate = min(rate, 2.0 * self._rates[slot] + self._floor / 2)
        self._rates[slot] += weight * (rate - self._rates[slot])
        self._lessons[slot] = known + 1.0


class Leak:
    """A bucket that leaks at a multiple of the usual rate: what stands in it are the calls beyond that.

    It is Page's test for a change: at the usual rate it is empty, in a surge it fills at the surplus rate.
    """

    __slots__ = ("_at", "_times", "level", "most")

    def __init__(self, times: float, most: float) -> None:
        self._times = times
        self.most = most
        self._at = 0.0
        self.level = 0.0

    def add(self, at: float, rate: float, calls: float = 1.0) -> float:
        """`at` in seconds of a clock that does not step back; `rate` in usual calls a second."""
        self.settle(at, rate)
        self.level = min(self.most, self.level + calls)
        return self.level

    def keep(self) -> tuple[float, float]:
        """What stood in it, and when."""
        return self.level, self._at

    def take_over(self, level: float, at: float) -> None:
        """What `keep` gave, on this clock."""
        self.level, self._at = min(self.most, level), at

    def settle(self, at: float, rate: float) -> float:
        """What is in it now."""
        if at > self._at:
            self.level = max(0.0, self.level - (at - self._at) * rate * self._times)
            self._at = at
        return self.level
