"""The report's pictures, each drawn from the findings onto a fresh figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FixedLocator, FuncFormatter

from agi_screen.what_if.investigate.blocks import Block
from agi_screen.what_if.investigate.columns import LEVELS, TOLD, VERDICTS
from agi_screen.what_if.investigate.findings import Findings
from agi_screen.what_if.investigate.first_sign import DAY
from agi_screen.what_if.investigate.moments import span
from agi_screen.what_if.investigate.numbers import EXCHANGE
from agi_screen.what_if.investigate.origin import areas
from agi_screen.what_if.investigate.repeaters import calls_of
from agi_screen.what_if.investigate.timeline import Steps
from agi_screen.what_if.plot import INK, SERIES
from agi_screen.what_if.plot import VERDICTS as COLOURS

Draw = Callable[[Figure], None]
LEVEL_COLOURS = (SERIES[5], SERIES[1], SERIES[2])
MOST_AREAS, MOST_REPEATERS, MOST_DOTS = 12, 15, 1_500
_LONGEST_NAME = 34


def arrivals(f: Findings) -> Draw:
    """Calls by what they were told, what is normal, the first sign, and the level below."""
    return lambda figure: _arrivals(figure, f.timeline.whole, f.sign.start)


def close_up(f: Findings, steps: Steps) -> Draw:
    """The same around the first sign."""
    return lambda figure: _arrivals(figure, steps, f.sign.start)


def _arrivals(figure: Figure, t: Steps, sign: float | None) -> None:
    top, strip = figure.subplots(2, 1, sharex=True, height_ratios=(12, 1))
    edges, low = t.edges / DAY, np.zeros(len(t.level))
    for place, verdict in enumerate(VERDICTS):
        calls = t.verdicts[:, place]
        if calls.any():
            top.stairs(low + calls, edges, baseline=low, fill=True, color=COLOURS[verdict], label=_TOLD[verdict])
            low = low + calls
    top.stairs(t.normal, edges, color=INK, linewidth=1.2, linestyle="--", label="normal")
    if sign is not None:
        top.axvline(sign / DAY, color=INK, linewidth=1.2, label="first sign")
    top.set(ylabel=f"calls in {span(t.step)}", axisbelow=True)
    _legend_above(top)
    seen = np.maximum.accumulate(np.where(t.level >= 0, np.arange(len(t.level)), 0))  # a step without calls: as before
    for place, level in enumerate(LEVELS):
        some = t.level[seen] == place
        if some.any():
            strip.stairs(some, edges, fill=True, color=LEVEL_COLOURS[place], label=level.value)
    strip.set(yticks=(), ylim=(0, 1), ylabel="level")
    strip.yaxis.label.set(rotation=0, ha="right", va="center")
    _time_axis(strip, t)
    strip.grid(visible=False)
    strip.legend(loc="upper left", bbox_to_anchor=(0.0, -1.0), ncols=3, frameon=False)


_TOLD = dict(zip(VERDICTS, TOLD, strict=True))


def growth(f: Findings) -> Draw:
    """Distinct callers and blocks so far."""

    def draw(figure: Figure) -> None:
        axes, t = figure.subplots(), f.timeline
        ends = t.whole.edges / DAY
        for name, values, colour, style in (
            ("distinct callers", t.callers, SERIES[0], "-"),
            ("thousand blocks", t.thousands, SERIES[1], "--"),
            ("ten-thousand blocks (NPA-NXX)", t.exchanges, SERIES[4], ":"),
        ):
            axes.plot(ends, np.append(0, values), color=colour, linestyle=style, linewidth=2, label=name)
        axes.set(ylabel="seen so far", ylim=(0, None))
        axes.yaxis.set_major_formatter(EngFormatter(sep=""))
        _legend_above(axes)
        _time_axis(axes, f.timeline.whole)

    return draw


def origin_bars(f: Findings) -> Draw:
    """The areas with most calls, by verdict."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        most = areas(f.origins)[:MOST_AREAS][::-1]
        names = [_short(f"{o.area or o.country}") for o in most]
        low = np.zeros(len(most))
        for place, verdict in enumerate(VERDICTS):
            calls = np.array([o.by_verdict[place] for o in most])
            if calls.any():
                axes.barh(range(len(most)), calls, left=low, color=COLOURS[verdict], label=_TOLD[verdict])
                low = low + calls
        axes.set_yticks(range(len(most)), names)
        axes.grid(visible=False, axis="y")
        axes.set_axisbelow(True)
        axes.set_xlabel("calls")
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.legend(loc="lower right", frameon=False)

    return draw


def block_dots(f: Findings, block: Block) -> Draw:
    """Each distinct caller of one block of ten thousand: its last four digits and when it first called."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        inside = f.callers.number // 10**EXCHANGE == block.block
        number, first, runs = f.callers.number[inside], f.callers.first[inside], f.callers.in_run[inside]
        some = np.linspace(0, len(number) - 1, min(len(number), MOST_DOTS)).astype(int)
        number, first, runs = number[some], first[some], runs[some]
        for chosen, colour, name in ((~runs, SERIES[5], "other callers"), (runs, SERIES[2], "in a sequential run")):
            if chosen.any():
                dots = number[chosen] % 10**EXCHANGE
                axes.plot(first[chosen] / DAY, dots, "o", color=colour, markersize=3, label=name)
        axes.set(ylim=(-200, 10_200), ylabel="last four digits")
        axes.yaxis.set_major_locator(FixedLocator(range(0, 10_001, 2_000)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{min(int(y), 9999):04}"))
        _legend_above(axes)
        _time_axis(axes, f.timeline.whole)

    return draw


def repeater_dots(f: Findings, shown: Callable[[str], str]) -> Draw:
    """The callers with most calls: a mark a call."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        ranks = range(min(MOST_REPEATERS, len(f.repeaters.caller)))
        names = [_short(shown(f.columns.caller_text(int(f.repeaters.caller[rank])))) for rank in ranks]
        for rank in ranks:
            at = calls_of(f.columns, f.repeaters, rank)
            at = at[np.linspace(0, len(at) - 1, min(len(at), MOST_DOTS // MOST_REPEATERS * 3)).astype(int)]
            colour = SERIES[2] if f.repeaters.regular[rank] else SERIES[0]
            axes.plot(at / DAY, np.full(len(at), -rank), "|", color=colour, markersize=9, alpha=0.6)
        axes.set_yticks([-rank for rank in ranks], names)
        axes.set_ylim(-len(ranks) + 0.3, 0.7)
        _time_axis(axes, f.timeline.whole)

    return draw


def spacing_steps(f: Findings) -> Draw:
    """Gaps between calls that follow each other, beside chance."""

    def draw(figure: Figure) -> None:
        axes, s = figure.subplots(), f.spacing
        axes.stairs(s.found, s.edges / 1000.0, fill=True, color=SERIES[0], alpha=0.75, label="found")
        axes.stairs(s.by_chance, s.edges / 1000.0, color=INK, linewidth=1.5, label="by chance, at an even rate")
        axes.set_xscale("log")
        axes.set_axisbelow(True)
        axes.set(xlabel="time from one call to the next", ylabel="calls")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: span(x)))
        axes.yaxis.set_major_formatter(EngFormatter(sep=""))
        axes.legend(frameon=False)
        some = np.flatnonzero((s.found > 0) | (s.by_chance >= 1))
        if len(some):
            axes.set_xlim(s.edges[some[0]] / 2000.0, s.edges[some[-1] + 1] / 500.0)

    return draw


def _legend_above(axes: Axes) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=6, frameon=False)


def _time_axis(axes: Axes, t: Steps) -> None:
    """Days since 1970, as matplotlib counts them, said in this host's zone."""
    start, end = float(t.edges[0]), float(t.edges[-1])
    first, last = (datetime.fromtimestamp(at, UTC).astimezone() for at in (start, end - 1))
    locator = AutoDateLocator(tz=first.tzinfo, minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    named = ConciseDateFormatter(locator, tz=first.tzinfo, show_offset=False)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(named)
    axes.set_xlim(start / DAY, end / DAY)
    days = f"{first:%Y-%m-%d}" if first.date() == last.date() else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    axes.set_xlabel(f"{days}, UTC{first:%z}")
    axes.set_axisbelow(True)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
