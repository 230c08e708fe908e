"""The end: a summary for people, or the same as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from scripts.demo_.board import Board
from scripts.demo_.checks import Check
from scripts.demo_.delay import Delays
from scripts.demo_.stage import Stage
from scripts.demo_.view import counted
from tests.asterisk.tree import ROOT


def as_json(board: Board, delays: Delays | None, found: list[Check]) -> str:
    """Everything the summary says."""
    roles = [
        {
            "who": row.part.name,
            "number": row.part.number,
            "does": row.part.does,
            "verdicts": row.verdicts,
            "captcha": row.captcha,
            "reached_operator": row.reached,
        }
        for row in board.rows.values()
    ]
    met = all(check.met for check in found)
    set_up = delays.as_json() if delays else None
    return json.dumps({"ok": met, "roles": roles, "set_up": set_up, "checks": [asdict(c) for c in found]}, indent=1)


def summary(board: Board, delays: Delays | None, found: list[Check], console: Console) -> None:
    """Calls, verdicts, who reached an operator, what screening costs, and whether all is as it should be."""
    rows = board.rows.values()
    verdicts: Counter[str] = sum((row.verdicts for row in rows), Counter())
    reached = sum(row.reached for row in rows)
    ending = f"and {reached} reached an operator"
    console.print(f"\n[bold]{verdicts.total()} calls:[/]", counted(verdicts, "1 "), ending)
    if delays is not None:
        console.print(times(delays))
    for check in found:
        mark = "[green]✓[/]" if check.met else f"[red]✗ NOT SO:[/] {check.seen}:"
        console.print(f" {mark} {check.text}", highlight=False)


def times(delays: Delays) -> Table:
    """Set-up times side by side."""
    table = Table("INVITE → 200, ms", "calls", "p50", "p99", title="Set-up time, both kinds mixed in one run")
    for name, delay in (("unscreened", delays.unscreened), ("screened", delays.screened)):
        table.add_row(name, str(delay.calls), f"{delay.p50:.2f}", f"{delay.p99:.2f}")
    table.add_row("added by screening", "", f"{delays.added_p50:+.2f}", f"{delays.added_p99:+.2f}", style="bold")
    return table


def what_to_try(stage: Stage, console: Console) -> None:
    """For --keep: commands that work as they stand."""
    lab, folder = stage.lab, stage.daemon.folder
    tool, config = ROOT / ".venv/bin/agi-screen", f"--config {folder}/agi-screen.toml"
    sipp = f"sipp -sf {ROOT}/tests/asterisk/sipp/caller.xml -i 127.0.0.1 -s 18005550100 -d 2000 -m 1"
    lines = [
        f"{tool} calls {config}",
        f"{tool} explain +10005550104 {config}",
        f"{tool} status {config}",
        f"{tool} list add deny +14155552009 {config}",
        f"{sipp} -key caller +14155552009 127.0.0.1:{lab.ports.sip}",
        f"{ROOT}/scripts/asterisk cli {lab.dir} queue show operators",
        f"tail -f {stage.daemon.log}",
    ]
    console.print("\n[bold]All of it keeps running until Ctrl-C. Try, in another terminal:[/]")
    for line in lines:
        console.print(f"  {line}", highlight=False, soft_wrap=True)
