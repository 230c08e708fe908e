"""AGI servers side by side: `python -m benchmarks.agi --out DIR [--quick]`. The daemon whole, against servers that
do nothing but the exchange; one core for the server, one for the load, rounds of all servers interleaved."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from benchmarks import load
from benchmarks.load import Load
from benchmarks.machine import LOAD_CORE
from benchmarks.report import Goal, Part, Report, table
from benchmarks.serving import Daemon, Serving, module

BARE = "bare Protocol on uvloop"
PANORAMISK = "panoramisk FastAGI"
OURS = "agi-screen, every caller new"
KNOWN = "agi-screen, callers known"
WITH_AMI = "agi-screen, new callers, AMI on"
GO = "Go, a goroutine a session"
GENEROUS = '[signals.caller_rate]\nlimit = "100000000/10m"\n'
KNOWN_CALLERS = 50_000
CONNECTIONS = 16
Rounds = dict[str, list[dict[str, float]]]


def peers(folder: Path) -> tuple[dict[str, Serving], list[str]]:
    """Every server by its name, and what cannot be had here."""
    servers = {
        BARE: Serving(module("agi_peers.bare_protocol", "uvloop")),
        "bare Protocol on asyncio": Serving(module("agi_peers.bare_protocol")),
        "bare streams on uvloop": Serving(module("agi_peers.bare_streams", "uvloop")),
        "bare streams on asyncio": Serving(module("agi_peers.bare_streams")),
        PANORAMISK: Serving(module("agi_peers.panoramisk_fastagi")),
        "panoramisk FastAGI on uvloop": Serving(module("agi_peers.panoramisk_fastagi", "uvloop")),
        "pyst2 AGI on threads": Serving(module("agi_peers.pyst2_threads")),
    }
    go = go_server(folder)
    if go is not None:
        servers[GO] = Serving([str(go)])
    return servers, [] if go else [f"{GO}: no Go compiler here (apt-get install golang-go)"]


def go_server(folder: Path) -> Path | None:
    """The Go server, built; None without a Go compiler."""
    if shutil.which("go") is None:
        return None
    source = Path(__file__).parent / "agi_peers/go_server/main.go"
    subprocess.run(["go", "build", "-o", str(folder / "go_server"), str(source)], check=True)
    return folder / "go_server"


def measure(quick: bool) -> Report:
    """All servers up at once; one after the other is loaded, round by round."""
    rounds, seconds = (1, 0.5) if quick else (5, 1.5)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="agi-screen-bench-")))
        servers, missing = peers(folder)
        ami = stack.enter_context(Serving(module("ami_sink"), LOAD_CORE))
        servers[OURS] = Daemon(folder / "new")
        servers[KNOWN] = Daemon(folder / "known", GENEROUS)
        servers[WITH_AMI] = Daemon(folder / "ami", ami_port=ami.port)
        for server in servers.values():
            stack.enter_context(server)
        found = all_rounds(servers, rounds, seconds)
        recorded = {name: server.rows() for name, server in servers.items() if isinstance(server, Daemon)}
    rows = {name: {key: median(r[key] for r in one) for key in one[0]} for name, one in found.items()}
    for name, one in found.items():
        rows[name] |= ratios(one, found[BARE], found[PANORAMISK])
        rows[name]["unanswered"] = sum(r["unanswered"] for r in one)
    complete = sum(recorded.values()) == sum(r["answered"] for name in recorded for r in found[name])
    return {
        "connections": CONNECTIONS,
        "rounds": rounds,
        "servers": rows,
        "missing": missing,
        "recorded": recorded,
        "every_call_recorded": complete,
        "goals": [g.row() for g in goals(rows)],
    }


def all_rounds(servers: dict[str, Serving], rounds: int, seconds: float) -> Rounds:
    """One discarded round first: caches, and the allocator's first growth."""
    found: Rounds = {name: [] for name in servers}
    first = 0
    for turn in range(rounds + 1):
        for name, server in servers.items():
            callers = KNOWN_CALLERS if name == KNOWN else load.ALL_CALLERS
            one = one_round(server, Load("closed", CONNECTIONS, seconds=seconds, callers=callers, first=first))
            first += 0 if name == KNOWN else 10_000_000 // (rounds + 1)
            found[name].append(one)
            sys.stderr.write(f"round {turn} of {rounds}: {name}: {one['rate']:,.0f} sessions/s\n")
    return found


def one_round(server: Serving, what: Load) -> dict[str, float]:
    """Rate while loaded; CPU until the last thing done for these sessions is done."""
    before = server.cpu
    found = load.run(server.port, what)
    server.settle()
    return {
        "rate": found.rate,
        "cpu_us": (server.cpu - before) / max(1, found.answered) * 1e6,
        "p50_us": found.verdict_us["p50"],
        "p99_us": found.verdict_us["p99"],
        "load_busy": found.busy,
        "answered": found.answered,
        "unanswered": found.unanswered,
        "round_trips": found.round_trips,
        "allowed": found.verdicts["allow"] / max(1, found.answered),
    }


def ratios(
    one: list[dict[str, float]], bare: list[dict[str, float]], panoramisk: list[dict[str, float]]
) -> dict[str, float]:
    """Round against the same round of the other: what the machine does meanwhile hits both."""
    return {
        "to_bare": median(a["rate"] / b["rate"] for a, b in zip(one, bare, strict=True)),
        "to_bare_cpu": median(b["cpu_us"] / a["cpu_us"] for a, b in zip(one, bare, strict=True)),
        "to_panoramisk": median(a["rate"] / b["rate"] for a, b in zip(one, panoramisk, strict=True)),
        "to_panoramisk_cpu": median(b["cpu_us"] / a["cpu_us"] for a, b in zip(one, panoramisk, strict=True)),
    }


def goals(rows: dict[str, dict[str, float]]) -> list[Goal]:
    """The rate while loaded, and the dearer truth: per CPU second, records and log included."""
    ours = rows[OURS]
    return [
        Goal("sessions/s, times the bare exchange", 0.7, ours["to_bare"]),
        Goal("the same by CPU time, records and log written", 0.7, ours["to_bare_cpu"]),
        Goal("sessions/s, times panoramisk", 1.9, ours["to_panoramisk"]),
        Goal("the same by CPU time, records and log written", 1.9, ours["to_panoramisk_cpu"]),
        Goal("AGI round trips for an allow", 1, ours["round_trips"], at_most=True),
    ]


def show(report: Report, console: Console) -> None:
    heads = (
        "server",
        "sessions/s",
        "to bare",
        "to panoramisk",
        "CPU µs",
        "to bare",
        "p50 µs",
        "p99 µs",
        "trips",
        "load's core",
    )
    table(
        f"AGI servers: {report['connections']} connections at a time, median of {report['rounds']} interleaved rounds",
        heads,
        [_row(name, row) for name, row in report["servers"].items()],
        console,
    )
    for line in report["missing"]:
        console.print(f"Not measured: {line}")
    console.print(f"Every call of agi-screen recorded: {report['every_call_recorded']}, {report['recorded']}")
    console.print("CPU µs a session counts all threads until records and log are written; ratios are of rounds.")


def _row(name: str, row: dict[str, Any]) -> list[str]:
    cells = [f"{row['rate']:,.0f}", f"{row['to_bare']:.2f}", f"{row['to_panoramisk']:.2f}", f"{row['cpu_us']:.0f}"]
    cells += [f"{row['to_bare_cpu']:.2f}", f"{row['p50_us']:,.0f}", f"{row['p99_us']:,.0f}"]
    return [name, *cells, f"{row['round_trips']:.0f}", f"{row['load_busy']:.0%}"]


PART = Part("agi", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
