"""A million calls of a Master.csv through the replay on one core. `python -m benchmarks.replay --out DIR`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import machine, master_csv
from benchmarks.report import Goal, Part, Report, table

CALLS, QUICK_CALLS = 1_000_000, 20_000
SECONDS = 30.0  # for a million
WAYS = {"verdicts only": (), "with --output and --page": ("--output", "out.csv", "--page", "page.html")}


def measure(quick: bool) -> Report:
    """The whole command from its start to its end, in a process on one core."""
    calls = QUICK_CALLS if quick else CALLS
    with tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder:
        place = Path(folder)
        with (place / "Master.csv").open("w", encoding="utf-8", newline="") as file:
            master_csv.write(file, calls)
        (place / "agi-screen.toml").write_text("")
        ways = {way: one_replay(place, words) for way, words in WAYS.items()}
    whole = ways["with --output and --page"]["seconds"]
    goals = [Goal(f"seconds for {calls:,} calls", SECONDS * calls / CALLS, whole, at_most=True)]
    return {"calls": calls, "ways": ways, "goals": [goal.row() for goal in goals]}


def one_replay(place: Path, words: tuple[str, ...]) -> dict[str, float]:
    """Seconds by the clock, and what the command says of itself."""
    command = [sys.executable, "-m", "agi_screen", "replay", "Master.csv", "--timezone", "UTC", "--json", *words]
    begun = time.monotonic()
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        machine.on_core(machine.SERVER_CORE, command),
        cwd=place,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    seconds = time.monotonic() - begun
    said: dict[str, Any] = json.loads(done.stdout)
    challenged = said["judged"]["verdicts"].get("challenge", {"calls": 0})
    return {
        "seconds": seconds,
        "read_seconds": said["read_seconds"],
        "judge_seconds": said["judge_seconds"],
        "calls_per_second": said["calls_per_second"],
        "challenged": challenged["calls"],
    }


def show(report: Report, console: Console) -> None:
    heads = ("agi-screen replay", "seconds", "reading", "judging", "calls/s", "challenged")
    keys = ("seconds", "read_seconds", "judge_seconds")
    rows = [
        [way, *(f"{row[key]:.1f}" for key in keys), f"{row['calls_per_second']:,}", f"{row['challenged']:,}"]
        for way, row in report["ways"].items()
    ]
    table(f"{report['calls']:,} calls of a Master.csv, one core", heads, rows, console)


PART = Part("replay", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
