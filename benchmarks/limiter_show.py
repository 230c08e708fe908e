"""The limiter's figures as tables."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.limiter_peers import OURS

Report = dict[str, Any]


def tables(report: Report, console: Console) -> None:
    """Everything of the report a person wants at a glance."""
    _peers(report, console)
    _goals(report, console)
    _load(report, console)
    flood, chosen = report["flood"], report["chosen_keys"]
    console.print(
        f"Flood of {flood['callers'][-1]:,} never-seen numbers into {report['keys']:,}: {flood['heavy_kept']:,} of "
        f"{flood['heavy']:,} heavy callers kept their state; {flood['ns'][0]:.0f} ns a check at the start, "
        f"{flood['ns'][-1]:.0f} at the end; {flood['bytes']:,} bytes before and after"
    )
    table = Table(title="Keys an attacker chooses (a look is at two cache lines at most, whatever the keys)")
    for head in ("keys", "moves a new key", "dropped", "ns a check"):
        table.add_column(head, justify="left" if head == "keys" else "right")
    for name, (moves, dropped, ns) in chosen.items():
        table.add_row(name, f"{moves:.3f}", f"{dropped:,}", f"{ns:.0f}")
    console.print(table)


def _peers(report: Report, console: Console) -> None:
    table = Table(
        title=f"CPU ns a check, loop included: median of {report['rounds']} interleaved rounds (and the fastest)"
    )
    table.add_column("limiter")
    for head in ("one hot key", "ratio", f"{report['keys']:,} present keys, random", "ratio"):
        table.add_column(head, justify="right")
    ours = report["peers"][OURS]
    for name, row in report["peers"].items():
        cells = []
        for work in ("hot", "random"):
            cells += [f"{row[work]:,.0f} ({row[work + '_best']:,.0f})", f"{row[work] / ours[work]:.2f}"]
        table.add_row(name, *cells, style="bold" if name == OURS else None)
    console.print(table)
    if report["missing"]:
        console.print("Not installed here, so not measured: " + ", ".join(report["missing"]))


def _goals(report: Report, console: Console) -> None:
    table = Table(title="Goals")
    for head in ("goal", "wanted", "measured", ""):
        table.add_column(head, justify="right" if head in {"wanted", "measured"} else "left")
    for goal in report["goals"]:
        sign = "≤" if goal["at_most"] else "≥"
        verdict = "[green]met[/]" if goal["met"] else "[red]missed[/]"
        table.add_row(goal["goal"], f"{sign} {goal['wanted']:g}", f"{goal['measured']:,.1f}", verdict)
    console.print(table)


def _load(report: Report, console: Console) -> None:
    table = Table(title="As the slots fill (80 % is the configured capacity)")
    for head in ("load %", "ns present key", "ns new key", "moves so far", "dropped so far"):
        table.add_column(head, justify="right")
    for row in report["load"]:
        cells = (f"{row['load']}", f"{row['present_ns']:.0f}", f"{row['new_ns']:.0f}")
        table.add_row(*cells, f"{row['moves']:,}", f"{row['dropped']:,}")
    console.print(table)
