"""All goals of all parts on one page: `goals.md` beside the JSON files it is made of."""

from __future__ import annotations

import json
from pathlib import Path

HEAD = """# Goals, as the last run of each part measured them

Written by `./scripts/bench`; the figures are in the JSON files beside this page, with the machine they come from.

| part | goal | wanted | measured | |
| --- | --- | --- | --- | --- |
"""


def write(folder: Path, parts: list[str]) -> None:
    """Writes the page from what parts have been run into this folder, now or earlier."""
    rows = [row for part in parts for row in rows_of(folder / f"{part}.json")]
    (folder / "goals.md").write_text(HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows), encoding="utf-8")


def rows_of(file: Path) -> list[list[str]]:
    """A row for each goal of one part; none where the part has not been run."""
    if not file.exists():
        return []
    report = json.loads(file.read_text(encoding="utf-8"))
    smoke = " (smoke run)" if report.get("quick") else ""
    return [
        [file.stem + smoke, goal["goal"], f"{'≤' if goal['at_most'] else '≥'} {goal['wanted']:g}"]
        + [f"{goal['measured']:,.2f}", "met" if goal["met"] else "**missed**"]
        for goal in report["goals"]
    ]
