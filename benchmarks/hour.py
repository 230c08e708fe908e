"""The attack's first hour as fast as it goes: 50,000 calls through sockets into the whole daemon on one core, every
call recorded. `python -m benchmarks.hour --out DIR`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.load import Load, run
from benchmarks.report import Goal, Part, Report, table
from benchmarks.serving import IDLE_SECONDS, Daemon

CALLS, QUICK_CALLS = 50_000, 2_000
MIXES = {"every caller new": 300_000_000, "each caller five times": 5}
WAIT_SECONDS = 120.0


def measure(quick: bool) -> Report:
    """The clock stops when the last call's row can be read from the database by another program."""
    calls, rounds = (QUICK_CALLS, 1) if quick else (CALLS, 3)
    rows: dict[str, list[dict[str, float]]] = {mix: [] for mix in MIXES}
    with tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder:
        for turn in range(rounds):
            for mix, callers in MIXES.items():
                many = calls // callers if callers < calls else callers
                rows[mix].append(one_hour(Path(folder) / f"{turn}-{many}", calls, many))
    medians = {mix: {key: median(one[key] for one in found) for key in found[0]} for mix, found in rows.items()}
    new = medians["every caller new"]
    goals = [
        Goal(f"seconds for {calls:,} calls, each recorded", 5.0 * calls / CALLS, new["seconds"], at_most=True),
        Goal("calls without a record", 0, max(calls - one["recorded"] for one in medians.values()), at_most=True),
    ]
    return {"calls": calls, "rounds": rounds, "mixes": medians, "goals": [goal.row() for goal in goals]}


def one_hour(folder: Path, calls: int, callers: int) -> dict[str, float]:
    """A fresh daemon and database; verdicts as the shipped configuration gives them."""
    with Daemon(folder) as daemon:
        before, begun = daemon.cpu, time.monotonic()
        found = run(daemon.port, Load("closed", sessions=calls, callers=callers, seconds=WAIT_SECONDS))
        answered = time.monotonic() - begun
        while (recorded := daemon.rows()) < found.answered and time.monotonic() < begun + WAIT_SECONDS:
            time.sleep(IDLE_SECONDS / 10)
        seconds = time.monotonic() - begun
        daemon.settle()
        return {
            "seconds": seconds,
            "answered_seconds": answered,
            "recorded": recorded,
            "logged": sum(" call id=" in line for line in (folder / "log").open()),
            "cpu_us": (daemon.cpu - before) / calls * 1e6,
            "p99_us": found.verdict_us["p99"],
            "challenged": found.verdicts["challenge"],
            "memory_mib": daemon.memory_kib / 1024,
            "load_busy": found.busy,
        }


def show(report: Report, console: Console) -> None:
    heads = (
        "callers",
        "seconds",
        "to the last answer",
        "calls/s",
        "recorded",
        "logged",
        "CPU µs",
        "RSS MiB",
        "load's core",
    )
    rows = []
    for mix, row in report["mixes"].items():
        cells = [f"{row['seconds']:.2f}", f"{row['answered_seconds']:.2f}", f"{report['calls'] / row['seconds']:,.0f}"]
        cells += [f"{row[key]:,.0f}" for key in ("recorded", "logged", "cpu_us", "memory_mib")]
        rows.append([mix, *cells, f"{row['load_busy']:.0%}"])
    table(
        "{calls:,} calls, 16 at a time, until all are on the disk; median of {rounds}".format(**report),
        heads,
        rows,
        console,
    )


PART = Part("hour", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
