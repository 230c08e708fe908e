"""What `--output` leaves: a page that opens offline, the same as Markdown, figures for programs, and pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from agi_screen.base.errors import ConfigError, Problem
from agi_screen.what_if.page import Page
from agi_screen.what_if.simulate.goals import HEADS, goal_rows, goals
from agi_screen.what_if.simulate.picture import picture
from agi_screen.what_if.simulate.report import WORTH_HEADS, Report, markdown_table


def write(folder: Path, reports: Sequence[Report]) -> None:
    """Into `folder`, which is made. Raises ConfigError where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pages = [f"{r.markdown()}\n![{escape(r.scenario.title)}]({r.scenario.name}.svg)\n" for r in reports]
        head = "\n".join(["# Simulation", "", *markdown_table(HEADS, goal_rows(goals(reports))), "", ""])
        (folder / "simulation.md").write_text(head + "\n".join(pages), encoding="utf-8")
        found = json.dumps([report.as_json() for report in reports], indent=1)
        (folder / "simulation.json").write_text(found + "\n", encoding="utf-8")
        for report in reports:
            (folder / f"{report.scenario.name}.svg").write_text(picture(report), encoding="utf-8")
        (folder / "report.html").write_text(page(reports), encoding="utf-8")
    except OSError as error:
        raise ConfigError([Problem(str(folder), "--output", "", f"cannot be written: {error}")]) from error


def page(reports: Sequence[Report]) -> str:
    """All of it in one HTML file."""
    made = Page("Simulation of " + ", ".join(report.scenario.title for report in reports))
    if found := goals(reports):
        made.section("Goals").table(HEADS, goal_rows(found))
    for report in reports:
        made.section(report.scenario.title, " ".join(report.scenario.about.split()))
        made.table(report.heads, report.rows(), f"Mean and 95 % interval over {report.seeds} seeds.")
        for line in report.ratio_lines():
            made.text(line)
        made.figure(picture(report), "Arrivals, verdicts, waits and lines of the first seed.")
        if report.worth:
            made.table(WORTH_HEADS, report.worth_rows(), "What each signal is worth")
    return made.foot("Made by agi-screen simulate: invented calls before the judge of live ones.").html()
