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


DRAWN: dict[str, Callable[[Figure, Report], None]] = {"agi": _agi}
