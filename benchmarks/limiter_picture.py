"""The limiter's figures as one picture of four panels (needs matplotlib)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.limiter_peers import OURS

mpl.use("Agg")
OUR_COLOUR, PEER_COLOUR, THIRD_COLOUR = "#1f6f8b", "#b8c4cc", "#c8553d"


def draw(report: dict[str, Any], path: Path) -> None:
    """Writes it as the ending of the path says (.svg, .png)."""
    figure = Figure(figsize=(12, 8), layout="constrained")
    panels: list[Axes] = list(figure.subplots(2, 2).flat)
    _bars(panels[0], report["peers"])
    _load(panels[1], report["load"])
    _flood(panels[2], report)
    _chosen(panels[3], report["chosen_keys"])
    figure.savefig(path)


def _bars(axes: Axes, peers: dict[str, dict[str, float]]) -> None:
    names = list(reversed(peers))
    for offset, work, colour in ((0.2, "hot", THIRD_COLOUR), (-0.2, "random", OUR_COLOUR)):
        values = [peers[name][work] for name in names]
        bars = axes.barh([i + offset for i in range(len(names))], values, 0.38, label=work, color=colour)
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xscale("log")
    axes.set_xlabel("ns a check (logarithmic)")
    axes.set_title(f"{OURS} and others, in one run")
    axes.legend()


def _load(axes: Axes, rows: list[dict[str, float]]) -> None:
    loads = [row["load"] for row in rows]
    axes.plot(loads, [row["present_ns"] for row in rows], "o-", color=OUR_COLOUR, label="present key")
    axes.plot(loads, [row["new_ns"] for row in rows], "s--", color=THIRD_COLOUR, label="never-seen key")
    axes.axvline(80, color=PEER_COLOUR, label="configured capacity")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("slots in use, %")
    axes.set_ylabel("ns a check")
    at_90 = next((row["dropped"] for row in rows if row["load"] == 90), 0)
    axes.set_title(f"Load: {at_90:,.0f} live keys dropped up to 90 %, {rows[-1]['dropped']:,.0f} at {loads[-1]:.0f} %")
    axes.legend()


def _flood(axes: Axes, report: dict[str, Any]) -> None:
    flood = report["flood"]
    axes.plot([callers / 1e6 for callers in flood["callers"]], flood["ns"], "o-", color=OUR_COLOUR)
    axes.axvline(report["keys"] / 1e6, color=PEER_COLOUR)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("distinct callers so far, millions (line: the table's capacity)")
    axes.set_ylabel("ns a check")
    axes.set_title(f"Flood: {flood['heavy_kept']:,} of {flood['heavy']:,} heavy callers kept")


def _chosen(axes: Axes, chosen: dict[str, list[float]]) -> None:
    names = list(chosen)
    bars = axes.bar(names, [chosen[name][1] for name in names], color=[OUR_COLOUR] * 3 + [THIRD_COLOUR])
    axes.bar_label(bars, fmt="{:,.0f}")
    axes.set_ylabel("live keys dropped")
    axes.set_title("Numbers an attacker chooses")
