"""What `--output` leaves: one page of tables, the figures for programs, a picture of each scenario."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from agi_screen.base.errors import ConfigError, Problem
from agi_screen.what_if.simulate.goals import HEADS, goal_rows, goals
from agi_screen.what_if.simulate.picture import picture
from agi_screen.what_if.simulate.report import Report, markdown_table


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
    except OSError as error:
        raise ConfigError([Problem(str(folder), "--output", "", f"cannot be written: {error}")]) from error
