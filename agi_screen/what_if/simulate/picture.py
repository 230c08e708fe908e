"""One SVG a scenario: arrivals, verdicts, waits, lines and level over the time of the first seed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import nan
from statistics import fmean
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from agi_screen.what_if.simulate.outcome import Timeline
from agi_screen.what_if.simulate.report import TITLES, Report

INK = "#808080"  # is read on white and on black
PEOPLE, ROBOTS, REJECT = "#2a9d8f", "#e76f51", "#9d4edd"
MODES = {"normal": "#999999", "people": "#2a9d8f", "unscreened": "#e76f51", "screened": "#4895ef"}
LEVELS = {"elevated": "#e9c46a", "siege": "#e76f51"}
STYLE: Any = {
    "svg.hashsalt": "agi-screen",
    "text.parse_math": False,  # a title is what somebody wrote
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def picture(report: Report) -> str:
    """SVG with a transparent ground: for light and dark pages."""
    main = report.timelines.get("screened") or next(iter(report.timelines.values()))
    with rc_context(STYLE):
        figure = Figure(figsize=(9, 8.5), layout="constrained")
        arrivals, verdicts, waits, lines = figure.subplots(4, 1, sharex=True)
        hours = [k * main.step / 3600 for k in range(len(main.waits))]
        figure.suptitle(report.scenario.title)
        _arrivals(arrivals, main, hours)
        _verdicts(verdicts, main, hours)
        _waits(waits, report, hours)
        _lines(lines, report, hours)
        for axes in (arrivals, verdicts, waits, lines):
            _levels(axes, main)
            axes.set_ylim(0, max(1.0, axes.get_ylim()[1]) * 1.15)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(loc="upper right", frameon=False, fontsize=8, ncols=3)
        lines.set_xlabel("hours")
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return out.getvalue()


def _arrivals(axes: Any, main: Timeline, hours: Sequence[float]) -> None:
    a_minute = 60 / main.step
    nothing = [0] * len(hours)
    for name, colour in (("people", PEOPLE), ("robots", ROBOTS)):
        counts = main.counts.get(name, nothing)
        if any(counts):
            axes.plot(hours, [count * a_minute for count in counts], color=colour, label=name, drawstyle="steps-post")
    axes.set_ylabel("calls a minute")


def _verdicts(axes: Any, main: Timeline, hours: Sequence[float]) -> None:
    """What went wrong: robots let through at once, people challenged or rejected."""
    robots = ("robots_allow", "robots let through", ROBOTS)
    people = (("people_challenge", "people challenged", PEOPLE), ("people_reject", "people rejected", REJECT))
    for name, label, colour in (robots, *people):
        counts = main.counts.get(name)
        if counts:
            axes.plot(hours, [n * 60 / main.step for n in counts], color=colour, label=label, drawstyle="steps-post")
    axes.set_ylabel("calls a minute")


def _waits(axes: Any, report: Report, hours: Sequence[float]) -> None:
    for mode, timeline in report.timelines.items():
        minutes = [fmean(waits) / 60 if waits else nan for waits in timeline.waits]
        axes.plot(hours, minutes, color=MODES[mode], label=TITLES[mode])
    axes.set_ylabel("people's wait, min")


def _lines(axes: Any, report: Report, hours: Sequence[float]) -> None:
    for mode, timeline in report.timelines.items():
        axes.plot(hours[: len(timeline.lines)], timeline.lines[: len(hours)], color=MODES[mode], label=TITLES[mode])
    axes.axhline(report.scenario.centre.lines, color=INK, linewidth=0.8, linestyle="--")
    axes.set_ylabel("lines in use")


def _levels(axes: Any, main: Timeline) -> None:
    """The level in force as a shade behind."""
    for k, level in enumerate(main.levels):
        if level in LEVELS:
            begin = k * main.step / 3600
            axes.axvspan(begin, begin + main.step / 3600, color=LEVELS[level], alpha=0.15, linewidth=0)
