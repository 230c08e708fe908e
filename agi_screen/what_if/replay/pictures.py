"""The page of a replay."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from agi_screen.base.config import Config
from agi_screen.what_if.page import Page
from agi_screen.what_if.plot import INK, SERIES, svg_of
from agi_screen.what_if.plot import VERDICTS as COLOURS
from agi_screen.what_if.replay.report import Change, Judged, Replayed
from agi_screen.what_if.replay.run import Run
from agi_screen.what_if.replay.trace import LEVELS, VERDICTS, Floats, Trace

BINS = 240
_STEPS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 86400, 604800)  # seconds


def page(replayed: Replayed, run: Run, zone: tzinfo | None) -> str:
    """One HTML file that opens offline."""
    made = Page(f"Replay of {replayed.calls:,} calls")
    made.text(f"{replayed.file}: {replayed.first} to {replayed.last}, judged by {replayed.judged.config}.")
    made.facts((verdict, f"{s.calls:,} ({s.share:.2%})") for verdict, s in replayed.judged.verdicts.items())
    for note in (*replayed.notes, replayed.lists):
        made.text(note)
    _timelines(made, run, zone)
    _scores(made, run.trace, run.settings.config)
    _signals(made, replayed.judged)
    if replayed.against is not None:
        _changes(made, replayed.against, replayed.changes)
    seconds = replayed.read_seconds + replayed.judge_seconds
    return made.foot(f"Made by agi-screen replay: {replayed.calls_per_second:,.0f} calls/s, {seconds:.1f} s.").html()


def _timelines(made: Page, run: Run, zone: tzinfo | None) -> None:
    trace = run.trace
    edges, step = _edges(trace.starts)
    days = edges[:-1] / 86400.0  # as matplotlib counts them
    per = f"calls in {_said(step)}"
    there = [code for code in range(len(VERDICTS)) if (trace.verdicts == code).any()]
    counts = [np.histogram(trace.starts[trace.verdicts == code], edges)[0] for code in there]

    def calls(figure: Figure) -> None:
        axes = figure.subplots()
        names = [str(VERDICTS[code]) for code in there]
        axes.stackplot(days, counts, labels=names, colors=[COLOURS[name] for name in names])
        usual = [run.usual(float(edge) + step / 2) * step for edge in edges[:-1]]
        axes.plot(days, usual, color=INK, linestyle=":", label="usual, as learned by the end")
        axes.set_ylabel(per)
        axes.legend(loc="upper left")
        _dates(axes, zone)

    def levels(figure: Figure) -> None:
        axes = figure.subplots()
        worst = np.zeros(len(days))
        places = np.clip(np.searchsorted(edges, trace.starts, "right") - 1, 0, len(days) - 1)
        np.maximum.at(worst, places, trace.levels)
        axes.fill_between(days, worst, step="post", color=SERIES[2], alpha=0.6)
        axes.set_yticks(range(len(LEVELS)), [str(level) for level in LEVELS])
        _dates(axes, zone)

    all_calls = np.sum(counts, axis=0)
    most = int(np.argmax(all_calls))
    peak = datetime.fromtimestamp(float(edges[most]), UTC).astimezone(zone)
    words = f"On average {np.mean(all_calls):.0f} {per}, at most {all_calls[most]:,}, at {peak:%Y-%m-%d %H:%M}."
    made.section("When").figure(svg_of(calls), f"Calls over time by verdict. {words}")
    made.figure(svg_of(levels, height=1.8), "The highest attack level in force.")


def _scores(made: Page, trace: Trace, config: Config) -> None:
    def scores(figure: Figure) -> None:
        axes = figure.subplots()
        spoke = trace.scores[trace.scores != 0.0]
        axes.hist(spoke, bins=80, color=SERIES[0])
        axes.set_yscale("log")
        policy = config.policy
        for level, dash in zip(LEVELS, ("-", "--", ":"), strict=True):
            axes.axvline(
                policy.of(level).challenge, color=COLOURS["challenge"], linestyle=dash, label=f"challenge, {level}"
            )
            axes.axvline(policy.of(level).reject, color=COLOURS["reject"], linestyle=dash, label=f"reject, {level}")
        axes.set_xlabel("score")
        axes.set_ylabel("calls")
        figure.legend(loc="outside right upper", fontsize=8)

    silent = int(np.count_nonzero(trace.scores == 0.0))
    made.section("Scores").figure(
        svg_of(scores), f"Scores and the thresholds of each level. {silent:,} calls with score 0 are left out."
    )


def _signals(made: Page, judged: Judged) -> None:
    spoke = [signal for signal in judged.signals if signal.calls][:20][::-1]

    def bars(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        names = [signal.signal for signal in spoke]
        left.barh(names, [signal.calls for signal in spoke], color=SERIES[0])
        left.set_xlabel("calls it spoke at")
        right.barh(names, [signal.only_because for signal in spoke], color=SERIES[1])
        right.set_xlabel("stopped only because of it")

    made.section(
        "Signals", "What each signal did; without the last column's signal, so many calls would be let through."
    )
    if spoke:
        made.figure(svg_of(bars, height=max(1.5, 0.35 * len(spoke) + 0.8)), "What each signal did.")
    rows = [(s.signal, s.calls, s.mean_points, s.mean_score, s.only_because) for s in judged.signals]
    made.table(("signal", "calls", "mean points", "mean score", "stopped only because of it"), rows, "Signals")


def _changes(made: Page, other: Judged, changes: tuple[Change, ...]) -> None:
    made.section("The other configuration", f"What {other.config} would change.")
    made.facts((verdict, f"{s.calls:,} ({s.share:.2%})") for verdict, s in other.verdicts.items())
    made.table(("now", "other", "calls"), [(c.was, c.becomes, c.calls) for c in changes], "Calls judged differently")
    heads = ("uniqueid", "start", "src", "score", "reasons", "other score", "other reasons")
    for change in changes:
        rows = [
            (e.uniqueid, e.start, e.src, e.score, e.reasons, e.other_score, e.other_reasons) for e in change.examples
        ]
        made.table(heads, rows, f"{change.was} → {change.becomes}, where the scores differ most")


def _edges(starts: Floats) -> tuple[Floats, int]:
    """Even steps of time, at most some hundred."""
    first, last = float(starts[0]), float(starts[-1])
    step = next((s for s in _STEPS if (last - first) / s <= BINS), _STEPS[-1])
    step *= max(1, int((last - first) / step / BINS))
    begin = first - first % step
    return np.arange(begin, last + 2 * step, step), step


def _said(step: int) -> str:
    for seconds, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if step % seconds == 0:
            return f"{step // seconds} {name}"
    return f"{step} s"


def _dates(axes: Axes, zone: tzinfo | None) -> None:
    locator = AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=zone))  # type: ignore[no-untyped-call]
