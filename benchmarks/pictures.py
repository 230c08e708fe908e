"""A picture for each part (needs matplotlib)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

mpl.use("Agg")
OURS, PEER, THIRD = "#1f6f8b", "#b8c4cc", "#c8553d"
Report = dict[str, Any]


def draw(name: str, report: Report, path: Path) -> None:
    """Writes the picture of the part of this name."""
    figure = Figure(figsize=(11, 5), layout="constrained")
    DRAWN[name](figure, report)
    figure.savefig(path)


def _agi(figure: Figure, report: Report) -> None:
    rows = report["servers"]
    names = sorted(rows, key=lambda name: float(rows[name]["rate"]))
    colours = [OURS if name.startswith("agi-screen") else PEER for name in names]
    left, right = figure.subplots(1, 2)
    bars = left.barh(names, [rows[name]["rate"] for name in names], color=colours)
    left.bar_label(bars, [f"{rows[name]['to_bare']:.2f} of bare" for name in names], padding=3, fontsize=8)
    left.set_xlabel("sessions/s, one core")
    left.margins(x=0.25)
    bars = right.barh(names, [rows[name]["cpu_us"] for name in names], color=colours)
    right.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
    right.set_yticks([])
    right.set_xlabel("CPU µs a session, all written")
    right.margins(x=0.15)


def _latency(figure: Figure, report: Report) -> None:
    axes = figure.subplots()
    for name, rows in report["servers"].items():
        colour = OURS if name.startswith("agi-screen") else PEER
        for percentile, dash in (("p50", ":"), ("p99", "-"), ("p999", "--")):
            rates = [row["rate"] for row in rows]
            axes.plot(rates, [row[percentile] for row in rows], f"o{dash}", color=colour, label=f"{name}, {percentile}")
    axes.axhline(1000, color=THIRD, linewidth=1, label="goal for p99 at 1,000 calls/s")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("calls/s, one core")
    axes.set_ylabel("µs to the verdict")
    axes.legend(fontsize=8)


def _sessions(figure: Figure, report: Report) -> None:
    axes = figure.subplots()
    rows = report["sizes"]
    for key, colour in (("before_kib", PEER), ("during_kib", OURS), ("after_kib", THIRD)):
        places, label = [row["wanted"] for row in rows], key.removesuffix("_kib")
        axes.plot(places, [row[key] / 1024 for row in rows], "o-", color=colour, label=label)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("callers in the CAPTCHA at once")
    axes.set_ylabel("resident MiB of the daemon")
    axes.set_title(f"{rows[-1]['kib_each']:.1f} KiB a session")
    axes.legend()


def _hour(figure: Figure, report: Report) -> None:
    axes = figure.subplots()
    mixes = report["mixes"]
    bars = axes.barh(list(mixes), [row["seconds"] for row in mixes.values()], color=OURS)
    axes.bar_label(bars, [f"{report['calls'] / row['seconds']:,.0f} calls/s" for row in mixes.values()], padding=3)
    axes.axvline(report["goals"][0]["wanted"], color=THIRD, label="goal")
    axes.set_xlabel(f"seconds until {report['calls']:,} calls are answered and recorded, one core")
    axes.margins(x=0.2)
    axes.legend()


def _replay(figure: Figure, report: Report) -> None:
    axes = figure.subplots()
    ways, done = report["ways"], [0.0] * len(report["ways"])
    for key, colour in (("read_seconds", PEER), ("judge_seconds", OURS)):
        axes.barh(list(ways), [row[key] for row in ways.values()], left=done, color=colour, label=key[:-8])
        done = [left + row[key] for left, row in zip(done, ways.values(), strict=True)]
    axes.axvline(report["goals"][0]["wanted"], color=THIRD, label="goal")
    axes.set_xlabel(f"seconds for {report['calls']:,} calls, one core")
    axes.legend()


def _scale(figure: Figure, report: Report) -> None:
    left, right = figure.subplots(1, 2)
    axes_of = dict.fromkeys(row["axis"] for row in report["sizes"])
    for axis, colour in zip(axes_of, (OURS, THIRD, PEER), strict=True):
        rows = [row for row in report["sizes"] if row["axis"] == axis]
        left.plot([row["size"] for row in rows], [row["to_smallest"] for row in rows], "o-", color=colour, label=axis)
        right.plot([row["size"] for row in rows], [row["memory_mib"] for row in rows], "o-", color=colour, label=axis)
    for one, label in ((left, "CPU of a call, times the smallest size"), (right, "resident MiB after the start")):
        one.set_xscale("log")
        one.set_ylim(bottom=0, top=one.get_ylim()[1] * 1.1)
        one.set_xlabel("known before")
        one.set_ylabel(label)
        one.legend()


def _asterisk(figure: Figure, report: Report) -> None:
    left, right = figure.subplots(1, 2)
    for (name, rows), colour in zip(report["ladder"].items(), (PEER, THIRD, OURS), strict=True):
        rates = [row["rate"] for row in rows]
        left.plot(rates, [row["achieved"] for row in rows], "o-", color=colour, label=name)
        right.plot(rates, [row["p99"] for row in rows], "o-", color=colour, label=f"{name}, p99")
        right.plot(rates, [row["p50"] for row in rows], "o:", color=colour, label=f"{name}, p50")
    left.set_ylabel("calls answered a second")
    right.set_ylabel("ms from INVITE to 200")
    right.set_yscale("log")
    for one in (left, right):
        one.set_xlabel("calls offered a second")
        one.legend(fontsize=8)


def _profile(figure: Figure, report: Report) -> None:
    left, right = figure.subplots(1, 2)
    places = [(f"{thread}: {what}", us) for thread, what, us in report["places"] if us >= 0.5][::-1]
    steps = list(report["stages"].items())[::-1]
    for axes, rows, title in (
        (left, places, "In the daemon, sampled"),
        (right, steps, "Each step in a loop of its own"),
    ):
        bars = axes.barh([name for name, _ in rows], [us for _, us in rows], color=OURS)
        axes.bar_label(bars, fmt="{:.1f}", padding=3, fontsize=8)
        axes.tick_params(axis="y", labelsize=8)
        axes.margins(x=0.15)
        axes.set_xlabel("µs a call")
        axes.set_title(title)


def _desk(figure: Figure, report: Report) -> None:
    axes = figure.subplots()
    names = [f"{viewers} viewers" for viewers in report["cores"]]
    bars = axes.bar(names, [core * 100 for core in report["cores"].values()], color=[PEER, OURS])
    axes.bar_label(bars, fmt="{:.1f} %", padding=3)
    axes.axhline(5, linestyle=":", color="grey")
    axes.set_ylabel("% of a core, the whole daemon at 50 calls/s")


def _captcha(figure: Figure, report: Report) -> None:
    axes = figure.subplots()
    kinds = list(report["kinds"].items())[::-1]
    names = [f"{kind} ({found['calls']})" for kind, found in kinds]
    shares = [100 * found["passed"] / max(1, found["calls"]) for _, found in kinds]
    colours = [OURS if kind.startswith("people") else THIRD for kind, _ in kinds]
    bars = axes.barh(names, shares, color=colours)
    axes.bar_label(bars, fmt="{:.1f} %", padding=3, fontsize=8)
    axes.set_xlabel("% of calls that pass the CAPTCHA")
    axes.set_xlim(0, 112)


def _captcha_load(figure: Figure, report: Report) -> None:
    left, right = figure.subplots(1, 2)
    rungs = report["rungs"]
    counts = [row["at_once"] for row in rungs]
    for name, label in (("gap_p99_ms", "median caller"), ("worst_gap_p99_ms", "worst caller")):
        left.plot(counts, [row[name] for row in rungs], "o-", label=f"p99 between packets, {label}")
    left.axhline(20, color=PEER, linewidth=1, label="as sent: 20 ms")
    left.set_ylabel("ms")
    for name, colour in (("daemon", OURS), ("asterisk", THIRD), ("callers", PEER)):
        right.plot(counts, [row[f"{name}_percent"] for row in rungs], "o-", color=colour, label=name)
    right.set_ylabel("% of a core")
    for one in (left, right):
        one.set_xlabel("callers in the CAPTCHA at once")
        one.set_ylim(bottom=0)
        one.legend(fontsize=8)


def _captcha_trying(figure: Figure, report: Report) -> None:
    axes = figure.subplots()
    for (name, found), colour in zip(report["robots"].items(), (THIRD, OURS), strict=True):
        times = [0.0, *(at / 60 for at in found["reached_at"]), 10.0]
        axes.step(times, [*range(len(times) - 1), len(times) - 2], where="post", color=colour, label=name)
        axes.annotate(f"{found['reached']} of {found['placed']} calls", (10, len(times) - 2), ha="right", va="bottom")
    axes.set_xlabel("minutes of trying")
    axes.set_ylabel("calls that reached an operator so far")
    axes.set_ylim(bottom=0)
    axes.legend()


def _soak(figure: Figure, report: Report) -> None:
    samples = report["samples"]
    calls = [one["calls"] / 1e6 for one in samples]
    shown = {"mib": "resident MiB", "descriptors": "descriptors", "late_ms": "ms the loop was late, worst of a minute"}
    for axes, (key, label) in zip(figure.subplots(1, 3), shown.items(), strict=True):
        axes.plot(calls, [one[key] for one in samples], color=OURS, linewidth=1)
        axes.set_title(label, fontsize=9)
        axes.set_xlabel("million calls")
        axes.set_ylim(bottom=0)


def _captcha_solving(figure: Figure, report: Report) -> None:
    rows = report["rows"]
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    for axes, engine in zip(figure.subplots(1, len(engines), sharey=False), engines, strict=True):
        mine = [row for row in rows if row["engine"] == engine][::-1]
        bars = axes.barh(
            [f"{row['language']} {row['challenge']}" for row in mine], [row["right_percent"] for row in mine]
        )
        axes.bar_label(bars, fmt="{:.0f}", padding=2, fontsize=7)
        axes.plot([row["chance_percent"] for row in mine], range(len(mine)), "|", color=THIRD, label="chance")
        axes.tick_params(axis="y", labelsize=7)
        axes.set_title(engine, fontsize=9)
        axes.set_xlabel("% of questions answered right")
        axes.set_xlim(0, 115)


DRAWN: dict[str, Callable[[Figure, Report], None]] = {
    "agi": _agi,
    "latency": _latency,
    "sessions": _sessions,
    "hour": _hour,
    "replay": _replay,
    "scale": _scale,
    "asterisk": _asterisk,
    "desk": _desk,
    "profile": _profile,
    "captcha": _captcha,
    "captcha_solving": _captcha_solving,
    "captcha_load": _captcha_load,
    "captcha_trying": _captcha_trying,
    "soak": _soak,
}
