"""How long a verdict takes at a steady number of calls a second: `python -m benchmarks.latency --out DIR`.

Open loop: calls come when they are due, whether the daemon keeps up or not, and the time counts from that moment.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks import load
from benchmarks.agi import BARE, OURS
from benchmarks.load import Load
from benchmarks.machine import stolen_seconds
from benchmarks.report import Goal, Part, Report, table
from benchmarks.serving import Daemon, Serving, module

RATES = (250, 500, 1000, 2000, 4000)
GOAL_RATE = 1000
Times = dict[str, float]


def measure(quick: bool) -> Report:
    """The bare server beside ours: what of the delay is the machine's."""
    rounds, seconds = (1, 1.0) if quick else (4, 3.0)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="agi-screen-bench-")))
        servers: dict[str, Serving] = {
            BARE: stack.enter_context(Serving(module("agi_peers.bare_protocol", "uvloop"))),
            OURS: stack.enter_context(Daemon(folder / "ours")),
        }
        found: dict[str, dict[int, list[Times]]] = {name: {rate: [] for rate in RATES} for name in servers}
        first = 0
        for turn in range(rounds + 1):
            for rate in RATES:
                for name, server in servers.items():
                    one = one_round(server, Load("open", seconds=seconds, rate=rate, sessions=2_000_000, first=first))
                    first += int(2 * rate * seconds)
                    found[name][rate] += [one] if turn else []
    rows = {name: [middle(rate, times) for rate, times in by_rate.items()] for name, by_rate in found.items()}
    at_goal = next(row for row in rows[OURS] if row["rate"] == GOAL_RATE)
    goals = [
        Goal(
            f"p99 of a verdict at {GOAL_RATE:,} calls/s, µs, median of the rounds", 1000, at_goal["p99"], at_most=True
        ),
        Goal("the same in the round disturbed least", 1000, at_goal["p99_best"], at_most=True),
    ]
    return {"rounds": rounds, "seconds": seconds, "servers": rows, "goals": [goal.row() for goal in goals]}


def one_round(server: Serving, what: Load) -> Times:
    before, stolen = server.cpu, stolen_seconds()
    found = load.run(server.port, what)
    stolen = (stolen_seconds() - stolen) / found.seconds
    server.settle()
    times = {name: found.verdict_us[name] for name in ("p50", "p90", "p99", "p999", "max")}
    late = found.late_us["p99"]
    core = (server.cpu - before) / found.seconds
    return {**times, "late_p99": late, "achieved": found.rate, "core": core, "stolen": stolen}


def middle(rate: int, times: list[Times]) -> Times:
    """Medians over the rounds, and the p99 of the round that was disturbed least."""
    medians = {key: median(one[key] for one in times) for key in times[0]}
    return {"rate": rate, **medians, "p99_best": min(one["p99"] for one in times)}


def show(report: Report, console: Console) -> None:
    title = "Verdict, µs from the moment the call was due: median of {rounds} interleaved rounds of {seconds:g} s"
    heads = (
        "server",
        "calls/s",
        "achieved",
        "p50",
        "p90",
        "p99",
        "best p99",
        "p99.9",
        "max",
        "core",
        "late p99",
        "stolen",
    )
    keys = ("rate", "achieved", "p50", "p90", "p99", "p99_best", "p999", "max")
    rows = [
        [name, *(f"{row[key]:,.0f}" for key in keys)]
        + [f"{row['core']:.0%}", f"{row['late_p99']:,.0f}", f"{row['stolen']:.1%}"]
        for name, by_rate in report["servers"].items()
        for row in by_rate
    ]
    table(title.format(**report), heads, rows, console)
    console.print("late: how far behind its own timetable the load was; stolen: by the host, of one core's time.")


PART = Part("latency", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
