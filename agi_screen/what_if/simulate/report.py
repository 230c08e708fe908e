"""What many runs of one scenario came to: intervals by mode, as rows, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import isnan, nan
from typing import Any

from agi_screen.what_if.simulate.measures import MEASURES, shown
from agi_screen.what_if.simulate.outcome import Timeline
from agi_screen.what_if.simulate.run import Mode, Result
from agi_screen.what_if.simulate.scenario import Scenario
from agi_screen.what_if.simulate.statistics import Interval, interval, intervals

TITLES: dict[Mode, str] = {
    "normal": "normal day",
    "people": "without robots",
    "unscreened": "not screened",
    "screened": "screened",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One scenario. `timelines` are those of the first seed; `worth` is by signal left out."""

    scenario: Scenario
    seeds: int
    modes: dict[Mode, dict[str, Interval]]
    timelines: dict[Mode, Timeline]
    ratios: dict[str, Interval]
    worth: dict[str, dict[str, Interval]]

    @classmethod
    def of(cls, scenario: Scenario, results: Sequence[Result]) -> Report:
        """All results must be of this scenario."""
        whole = [result for result in results if not result.job.without]
        modes = list(dict.fromkeys(result.job.mode for result in whole))
        by_mode = {mode: [r for r in whole if r.job.mode == mode] for mode in modes}
        figures = {mode: intervals([r.figures for r in found]) for mode, found in by_mode.items()}
        timelines = {mode: found[0].timeline for mode, found in by_mode.items()}
        signals = dict.fromkeys(result.job.without for result in results if result.job.without)
        worth = {s: intervals([r.figures for r in results if r.job.without == s]) for s in signals}
        seeds = max(len(found) for found in by_mode.values())
        return cls(scenario, seeds, figures, timelines, _ratios(by_mode), worth)

    def rows(self) -> Iterable[tuple[str, ...]]:
        """Measure and a cell for each mode; rows that say nothing in any mode are left out."""
        for name, measure in MEASURES.items():
            found = [figures.get(name) for figures in self.modes.values()]
            if any(one is not None and not isnan(one.mean) for one in found):
                yield measure.title, *(shown(name, one) if one else "–" for one in found)

    @property
    def heads(self) -> tuple[str, ...]:
        return "", *(TITLES[mode] for mode in self.modes)

    def as_json(self) -> dict[str, Any]:
        """Every figure as mean, low, high; what is not a number is null."""
        return {
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "seeds": self.seeds,
            "modes": {mode: _jsoned(figures) for mode, figures in self.modes.items()},
            "wait_ratios": _jsoned(self.ratios),
            "without": {signal: _jsoned(figures) for signal, figures in self.worth.items()},
        }

    def markdown(self) -> str:
        lines = [f"## {escape(self.scenario.title)}", "", *_paragraph(escape(self.scenario.about))]
        lines += [f"Mean and 95 % interval over {self.seeds} seeds.", ""]
        lines += markdown_table(self.heads, self.rows())
        if self.ratios:
            lines += ["", *(f"- {name}: {_times(ratio)}" for name, ratio in self.ratios.items())]
        if self.worth:
            lines += ["", *markdown_table(WORTH_HEADS, self.worth_rows())]
        return "\n".join(lines) + "\n"

    def worth_rows(self) -> Iterable[tuple[str, ...]]:
        """What each signal is worth: the same with it left out."""
        for signal, figures in {"(none)": self.modes.get("screened", {}), **self.worth}.items():
            yield signal, *(shown(name, figures[name]) if name in figures else "–" for name in WORTH)

    def ratio_lines(self) -> list[str]:
        return [f"{name}: {_times(ratio)}" for name, ratio in self.ratios.items()]


WORTH = ("people_wait", "people_challenged", "people_rejected", "robots_served", "to_siege")
WORTH_HEADS = ("left out", *(MEASURES[name].title for name in WORTH))


def _ratios(by_mode: dict[Mode, list[Result]]) -> dict[str, Interval]:
    """The wait of people against the normal day, seed by seed."""
    normal = by_mode.get("normal")
    if not normal:
        return {}
    base = [result.figures["people_wait"] for result in normal]
    pairs: dict[str, Mode] = {
        "wait, without robots / normal": "people",
        "wait, unscreened / normal": "unscreened",
        "wait, screened / normal": "screened",
    }
    return {
        name: ratio_of_means([r.figures["people_wait"] for r in by_mode[mode]], base)
        for name, mode in pairs.items()
        if mode in by_mode
    }


def ratio_of_means(above: Sequence[float], below: Sequence[float]) -> Interval:
    """A ratio of two means over the same seeds, its interval by linearising (delta method)."""
    mean = interval(below).mean
    if not mean > 0:  # nobody waited, or there was nobody
        return Interval(nan, nan, nan, len(below))
    ratio = interval(above).mean / mean
    spread = interval(a - ratio * b for a, b in zip(above, below, strict=True))
    half = spread.half / mean
    return Interval(ratio, ratio - half, ratio + half, len(below))


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    return [line(heads), line(["---"] * len(heads)), *map(line, rows)]


def _paragraph(text: str) -> list[str]:
    return [" ".join(text.split()), ""] if text else []


def _times(ratio: Interval) -> str:
    if isnan(ratio.mean):
        return "–"
    return f"{ratio.mean:.2f}" + ("" if isnan(ratio.half) else f" ± {ratio.half:.2f}")


def _jsoned(figures: dict[str, Interval]) -> dict[str, dict[str, float | None]]:
    def number(value: float) -> float | None:
        return None if isnan(value) else round(value, 6)

    return {k: {"mean": number(i.mean), "low": number(i.low), "high": number(i.high)} for k, i in figures.items()}
