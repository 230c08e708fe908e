"""`agi-screen simulate SCENARIO…`: a simulated call centre under attack, with the very judge of live calls."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from agi_screen.base.errors import ConfigError, Problem
from agi_screen.commands.options import JsonOption, ProgressForm, ProgressLines, ProgressOption, or_exit_2
from agi_screen.judge.signal import Reads
from agi_screen.what_if.simulate import files
from agi_screen.what_if.simulate.goals import HEADS as GOAL_HEADS
from agi_screen.what_if.simulate.goals import goal_rows, goals
from agi_screen.what_if.simulate.measures import SUMMARY, mean
from agi_screen.what_if.simulate.report import WORTH_HEADS, Report
from agi_screen.what_if.simulate.run import Job, Mode, Result, jobs_of, run_all, settings_of, without
from agi_screen.what_if.simulate.scenario import Scenario, read_scenario, shipped

Scenarios = Annotated[
    list[str] | None, typer.Argument(help="Shipped scenarios by name, or TOML files; `all` for all shipped ones.")
]
List = Annotated[bool, typer.Option("--list", help="Name the shipped scenarios.")]
Seeds = Annotated[int, typer.Option(min=1, max=1000, help="Runs with other random numbers; intervals need several.")]
Jobs = Annotated[int, typer.Option(min=1, max=256, help="Processes. Default: one a core.")]
Compare = Annotated[
    bool, typer.Option("--compare", help="Beside it: the normal day, the attack without its robots, and unscreened.")
]
Ablate = Annotated[bool, typer.Option("--ablate", help="Leave each signal out in turn: what it is worth.")]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Judge by this configuration. Default: the shipped defaults.")
]
Output = Annotated[Path | None, typer.Option(help="A folder for tables (Markdown), figures (JSON) and pictures (SVG).")]

CORES = os.cpu_count() or 1


def simulate(
    scenarios: Scenarios = None,
    list_shipped: List = False,
    seeds: Seeds = 20,
    jobs: Jobs = CORES,
    compare: Compare = False,
    ablate: Ablate = False,
    config: Config = None,
    output: Output = None,
    progress: ProgressOption = ProgressForm.BAR,
    as_json: JsonOption = False,
) -> None:
    """Simulate an attack on a call centre: who gets through, who waits, who is challenged or rejected.

    Try `agi-screen simulate mnsure --seeds 3 --compare`. A scenario of your own is a TOML file: start from a shipped
    one (`--list` says where they are).
    """
    if list_shipped:
        _list(as_json)
        return
    with or_exit_2():
        chosen = _chosen(scenarios or [])
        signals = [s.name for s in settings_of(config).signals if Reads.CONDUCT not in s.reads] if ablate else []
        modes: tuple[Mode, ...] = ("normal", "people", "unscreened", "screened") if compare else ("screened",)
        planned = [job for scenario in chosen for job in _planned(scenario, seeds, modes, config, signals)]
        results = _run(planned, jobs, progress)
        reports = [Report.of(s, [r for r in results if r.job.scenario is s]) for s in chosen]
        if output is not None:
            files.write(output, reports)
    if as_json:
        typer.echo(json.dumps([report.as_json() for report in reports], indent=1))
    else:
        _show(reports, output)


def _chosen(names: list[str]) -> list[Scenario]:
    if not names:
        mend = "name a scenario, such as mnsure (agi-screen simulate --list), or a TOML file"
        raise ConfigError([Problem("simulate", "scenario", "", mend)])
    wanted = [str(path) for path in shipped()] if names == ["all"] else names
    return [read_scenario(name) for name in dict.fromkeys(wanted)]


def _planned(
    scenario: Scenario, seeds: int, modes: tuple[Mode, ...], config: Path | None, signals: list[str]
) -> list[Job]:
    planned = jobs_of(scenario, seeds, modes, config)
    return planned + [without(job, signal) for signal in signals for job in planned if job.mode == "screened"]


def _run(planned: list[Job], jobs: int, form: ProgressForm) -> list[Result]:
    """With a bar where somebody looks, or lines for a program."""
    if form is ProgressForm.JSON:
        lines = ProgressLines(len(planned))
        return run_all(planned, jobs, lambda: lines.advance(1))
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=len(planned))
        return run_all(planned, jobs, lambda: bar.advance(task))


def _list(as_json: bool) -> None:
    found = [(path, read_scenario(str(path))) for path in shipped()]
    if as_json:
        typer.echo(json.dumps([{"name": s.name, "title": s.title, "path": str(path)} for path, s in found]))
        return
    table = Table("scenario", "what comes")
    for _, scenario in found:
        table.add_row(scenario.name, scenario.title)
    Console().print(table)
    typer.echo(f"files: {found[0][0].parent}")


def _show(reports: list[Report], output: Path | None) -> None:
    console = Console()
    for report in reports:
        _print_table(console, report.scenario.title, report.heads, report.rows())
        for line in report.ratio_lines():
            console.print(line, highlight=False)
        if report.worth:
            _print_table(console, "what each signal is worth", WORTH_HEADS, report.worth_rows())
    if len(reports) > 1:
        heads = ("scenario", *SUMMARY.values())
        _print_table(console, "all, screened", heads, map(_summary_row, reports))
    wanted = goals(reports)
    if wanted:
        _print_table(console, "goals", GOAL_HEADS, goal_rows(wanted))
    if output is not None:
        console.print(f"written to {output}", highlight=False)


def _summary_row(report: Report) -> tuple[str, ...]:
    figures = report.modes["screened"]
    return report.scenario.name, *(mean(name, figures.get(name)) for name in SUMMARY)


def _print_table(console: Console, title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(title=Text(title), title_justify="left")
    for head in heads:
        table.add_column(Text(head))
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
