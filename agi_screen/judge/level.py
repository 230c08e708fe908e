"""The attack level: up at once, down a step at a time after calm; a person may say otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agi_screen.base.config import Arrivals
from agi_screen.base.verdict import Level
from agi_screen.judge.arrivals import Leak
from agi_screen.judge.kept import amount, amounts

ORDER = NORMAL, ELEVATED, SIEGE = Level.NORMAL, Level.ELEVATED, Level.SIEGE


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A new level in force. `since` in seconds since 1970 UTC; `by` is `arrivals`, or who set it."""

    level: Level
    was: Level
    since: float
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Override:
    """A person's word on the level; `until` 0 is until further notice."""

    level: Level
    until: float
    by: str
    why: str


class LevelKeeper:
    """`arrived` is told of every call; `level` is what is in force."""

    def __init__(self, config: Arrivals, fixed: Level | None, now: float) -> None:
        self.on_change: Callable[[LevelChange], None] = lambda _: None
        self.change = LevelChange(NORMAL, NORMAL, now, "start", "arrivals")
        self.override: Override | None = None
        self.level = NORMAL
        self.learned = NORMAL  # what this machine's own arrivals say
        self._elsewhere, self._elsewhere_why = NORMAL, ""
        self._calm_since = 0.0
        self.configure(config, fixed, now)

    def configure(self, config: Arrivals, fixed: Level | None, now: float) -> None:
        """Takes new figures; the surges begin anew. `fixed` is the configuration's own word on the level."""
        self._calm = config.calm
        self._elevated_calls, self._siege_calls = config.elevated.calls, config.siege.calls
        self.fixed = fixed
        self._elevated = Leak(config.elevated.times, config.elevated.most)
        self._siege = Leak(config.siege.times, config.siege.most)
        self._decide(now, "configuration", "configuration")

    @property
    def beyond(self) -> tuple[float, float]:
        """Calls beyond the elevated and the siege rate."""
        return self._elevated.level, self._siege.level

    @property
    def calm(self) -> bool:
        """Neither the arrivals nor a person speak of an attack: such times teach what is usual."""
        return self.level is self.learned is NORMAL

    def arrived(self, ticks: int, wall: float, rate: float, crowd: bool = False) -> Level:
        """A call came, `rate` a second are usual. Returns the level this call is judged by.

        For a crowd of people there is no siege.
        """
        at = ticks / 1e9
        elevated, siege = self._elevated.add(at, rate), self._siege.add(at, rate)
        wanted = NORMAL
        if siege >= self._siege_calls:
            wanted = ELEVATED if crowd else SIEGE
        elif elevated >= self._elevated_calls:
            wanted = ELEVATED
        if crowd and self.learned is SIEGE:
            self.learned = ELEVATED
            self._decide(wall, "who is asked passes: a crowd of people", "arrivals")
        elif wanted is not self.learned:
            self._move(wanted, at, wall, rate)
        else:
            self._calm_since = at
        if self.override is not None and self.override.until and wall >= self.override.until:
            self.set(None, wall)
        return self.level

    def quiet(self, ticks: int, wall: float, rate: float) -> None:
        """Looks again without a call, so that an attack that ended in silence ends here too."""
        at = ticks / 1e9
        self._elevated.settle(at, rate)
        self._siege.settle(at, rate)
        if self.learned is not NORMAL:
            self._move(NORMAL, at, wall, rate)
        if self.override is not None and self.override.until and wall >= self.override.until:
            self.set(None, wall)

    def set(self, override: Override | None, now: float) -> None:
        """A person's word; None gives the level back to the arrivals."""
        ended = self.override
        self.override = override
        if override is not None:
            self._decide(now, override.why or "set by hand", override.by)
        elif ended is not None:
            self._decide(now, "given back to the arrivals", ended.by)

    def keep(self, ticks: int, wall: float) -> dict[str, Any]:
        """For the next run: what the arrivals said and what a person, since when, and the calls beyond the usual."""
        at = ticks / 1e9
        return {
            "wall": wall,
            "learned": str(self.learned),
            "calm": max(0.0, at - self._calm_since),
            "beyond": [[level, max(0.0, at - then)] for level, then in (self._elevated.keep(), self._siege.keep())],
            "change": asdict(self.change),
            "override": asdict(self.override) if self.override else None,
        }

    def take_over(self, kept: Mapping[str, Any], ticks: int, wall: float) -> None:
        """What `keep` gave, unless it is of long ago: the attack goes on, and nobody is told of it anew.
        Anything of another shape is left alone."""
        went, calm, beyond = amount(kept.get("wall")), amount(kept.get("calm")), kept.get("beyond")
        if went is None or calm is None or not 0.0 <= wall - went < self._calm:
            return
        try:
            learned, override, change = Level(kept["learned"]), _override(kept["override"]), _change(kept["change"])
        except (KeyError, TypeError, ValueError):
            return
        at, away = ticks / 1e9, wall - went
        leaks = (self._elevated, self._siege)
        for leak, one in zip(leaks, beyond if isinstance(beyond, list) else (), strict=False):
            stood = amounts(one, 2)
            if stood is not None:
                leak.take_over(stood[0], at - stood[1] - away)
        self.learned, self._calm_since, self.override = learned, at - calm - away, override
        self.level = (override.level if override else None) or self.fixed or learned
        if change.level is self.level:
            self.change = change

    def elsewhere(self, level: Level, why: str, now: float) -> None:
        """The highest level of the other machines: it holds here too, for as long as it is higher."""
        if level is not self._elsewhere:
            self._elsewhere, self._elsewhere_why = level, why
            self._decide(now, "no other machine is attacked any more", "machines")

    def _move(self, wanted: Level, at: float, wall: float, rate: float) -> None:
        if ORDER.index(wanted) > ORDER.index(self.learned):
            self.learned = wanted
            self._calm_since = at
            why = "far more calls than the usual"
        else:
            leak = self._siege if self.learned is SIEGE else self._elevated
            if leak.level > leak.most / 4:
                self._calm_since = at
            if at - self._calm_since < self._calm:
                return
            self.learned = ORDER[ORDER.index(self.learned) - 1]
            self._calm_since = at
            why = "no more calls than usual for a while; the usual are"
        self._decide(wall, f"{why} {rate * 60:.1f} a minute", "arrivals")

    def _decide(self, now: float, why: str, by: str) -> None:
        override = self.override.level if self.override else None
        level = override or self.fixed or self.learned
        if (
            level is self.learned
            and not override
            and not self.fixed
            and ORDER.index(self._elsewhere) > ORDER.index(level)
        ):
            level, why, by = self._elsewhere, self._elsewhere_why, "machines"
        if level is not self.level:
            self.change = LevelChange(level, self.level, now, why, by)
            self.level = level
            self.on_change(self.change)


def _override(kept: Any) -> Override | None:
    """Raises ValueError, KeyError or TypeError."""
    if kept is None:
        return None
    return Override(Level(kept["level"]), float(kept["until"]), str(kept["by"]), str(kept["why"]))


def _change(kept: Any) -> LevelChange:
    """Raises ValueError, KeyError or TypeError."""
    levels = Level(kept["level"]), Level(kept["was"])
    return LevelChange(*levels, float(kept["since"]), str(kept["why"]), str(kept["by"]))
