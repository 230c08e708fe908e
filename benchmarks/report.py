"""What every part of the benchmarks has in common: options, goals, tables, the JSON file and the picture."""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import machine

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """What was wanted of a figure and what was measured."""

    goal: str
    wanted: float
    measured: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted

    def row(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


@dataclass(frozen=True, slots=True)
class Part:
    """One benchmark: `measure(quick)` gives the report without machine; `show` prints it; `draw` makes its picture."""

    name: str
    measure: Callable[[bool], Report]
    show: Callable[[Report, Console], None]

    def main(self) -> int:
        """Measures, shows, writes NAME.json, NAME.txt and NAME.svg."""
        parser = argparse.ArgumentParser(prog=f"benchmarks.{self.name}")
        parser.add_argument("--out", type=Path, required=True, help="folder for the JSON file and the picture")
        parser.add_argument("--quick", action="store_true", help="a smoke run; its figures mean little")
        options = parser.parse_args()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped, here too
        report = {"machine": machine.describe(), "quick": options.quick, **self.measure(options.quick)}
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / f"{self.name}.json").write_text(json.dumps(report, indent=1) + "\n")
        console = Console(width=None if sys.stdout.isatty() else 130, record=True)
        self.show(report, console)
        goals(report, console)
        console.print(machine.line(report["machine"]), style="dim")
        (options.out / f"{self.name}.txt").write_text(console.export_text())
        if find_spec("matplotlib"):
            importlib.import_module("benchmarks.pictures").draw(self.name, report, options.out / f"{self.name}.svg")
        else:
            console.print("No picture: matplotlib is not installed (extra `bench`).")
        return 0


def goals(report: Report, console: Console) -> None:
    """The goals of a part, met or missed."""
    table = Table(title="Goals")
    for head in ("goal", "wanted", "measured", ""):
        table.add_column(head, justify="right" if head in {"wanted", "measured"} else "left")
    for goal in report.get("goals", ()):
        sign = "≤" if goal["at_most"] else "≥"
        met = "[green]met[/]" if goal["met"] else "[red]missed[/]"
        table.add_row(goal["goal"], f"{sign} {goal['wanted']:g}", f"{goal['measured']:,.2f}", met)
    if table.row_count:
        console.print(table)


def table(title: str, heads: tuple[str, ...], rows: list[list[str]], console: Console) -> None:
    """A table whose first column is text and whose others are numbers."""
    made = Table(title=title)
    for index, head in enumerate(heads):
        made.add_column(head, justify="right" if index else "left")
    for row in rows:
        made.add_row(*row)
    console.print(made)
