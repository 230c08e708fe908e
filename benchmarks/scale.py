"""What a call costs as more is known: callers, list entries, days of records; start-up and memory of each size.
`python -m benchmarks.scale --out DIR`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks import filled
from benchmarks.agi import one_round
from benchmarks.load import ALL_CALLERS, Load
from benchmarks.machine import memory_gib
from benchmarks.report import Goal, Part, Report, table
from benchmarks.serving import Daemon

# Known callers are allowed whatever they do, and are remembered for the whole run.
REMEMBERED = '[signals.caller_rate]\nlimit = "1000/30d"\n[limiter]\ncapacity = {}\n'
SIEGE_DAY = 80_000
FLAT = 1.25
GIB_FOR_TEN_MILLION = 4


@dataclass(frozen=True, slots=True)
class Size:
    """One filled daemon."""

    axis: str
    size: int
    fill: Callable[[Path], None]
    more: str = ""
    callers: int = ALL_CALLERS

    @property
    def name(self) -> str:
        return f"{self.size:,} {self.axis}"


def sizes(quick: bool) -> list[Size]:
    """From small to large on each axis; ten million callers where the memory is there for them."""
    callers: tuple[int, ...] = (1_000, 10_000) if quick else (1_000, 100_000, 1_000_000, 10_000_000)
    if memory_gib() < GIB_FOR_TEN_MILLION:
        callers = callers[:3]
    entries = (10, 10_000) if quick else (10, 1_000, 100_000, 1_000_000)
    days = (1,) if quick else (1, 6, 30)
    made = [
        Size("callers", n, partial(filled.callers, count=n), REMEMBERED.format(max(n, 1_000_000)), n) for n in callers
    ]
    made += [Size("list entries", n, partial(filled.entries, count=n)) for n in entries]
    made += [Size("days of records", n, partial(filled.records, count=n * SIEGE_DAY, days=n)) for n in days]
    return made


def measure(quick: bool) -> Report:
    """All daemons up at once and loaded in turn, so that a slow minute of the machine hits all sizes."""
    rounds, seconds = (1, 0.5) if quick else (9, 0.7)
    every = sizes(quick)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="agi-screen-bench-")))
        daemons = {size.name: prepared(folder / str(number), size) for number, size in enumerate(every)}
        rows = {size.name: started(stack, daemons[size.name], size) for size in every}
        found: dict[str, list[float]] = {size.name: [] for size in every}
        for turn in range(rounds + 1):
            for size in every:
                what = Load("closed", seconds=seconds, callers=size.callers, first=turn * 1_000_000)
                one = one_round(daemons[size.name], what)
                found[size.name] += [one["cpu_us"]] if turn else []  # the first round warms every cache
                progress(f"round {turn} of {rounds}: {size.name}: {one['cpu_us']:.0f} µs a call")
    for size in every:
        smallest = next(other for other in every if other.axis == size.axis)
        pairs = zip(found[size.name], found[smallest.name], strict=True)
        rows[size.name] |= {"cpu_us": median(found[size.name]), "to_smallest": median(a / b for a, b in pairs)}
    return {
        "rounds": rounds,
        "sizes": [{"axis": size.axis, **rows[size.name]} for size in every],
        "goals": [goal.row() for goal in goals(every, rows)],
    }


def prepared(folder: Path, size: Size) -> Daemon:
    """Filled, not started."""
    daemon, begun = Daemon(folder, size.more), time.monotonic()
    size.fill(daemon.config)
    progress(f"filled in {time.monotonic() - begun:.0f} s: {size.name}")
    return daemon


def started(stack: ExitStack, daemon: Daemon, size: Size) -> dict[str, float]:
    """Start-up from the command to `ready`, and what it holds in memory then."""
    seconds = []
    for _ in range(2):
        with daemon:
            seconds.append(daemon.ready_seconds)
    stack.enter_context(daemon)
    seconds.append(daemon.ready_seconds)
    daemon.settle()
    memory, disk = daemon.memory_kib / 1024, daemon.disk_mib
    progress(f"ready in {median(seconds):.2f} s: {size.name}")
    return {"size": size.size, "ready_seconds": median(seconds), "memory_mib": memory, "disk_mib": disk}


def progress(said: str) -> None:
    """One line on stderr, so that minutes of filling do not look like a standstill."""
    sys.stderr.write(f"{said}\n")


def goals(every: list[Size], rows: dict[str, dict[str, float]]) -> list[Goal]:
    """Flat means: the largest no dearer than a quarter more, which is what the machine itself makes of equal work."""
    made = []
    for axis in dict.fromkeys(size.axis for size in every):
        largest = [size for size in every if size.axis == axis][-1]
        what = f"CPU of a call with {largest.name}, times the smallest"
        made.append(Goal(what, FLAT, rows[largest.name]["to_smallest"], at_most=True))
        if axis == "list entries":
            start = rows[largest.name]["ready_seconds"]
            made.append(Goal(f"seconds from start to ready with {largest.name}", 1.0, start, at_most=True))
    return made


def show(report: Report, console: Console) -> None:
    heads = ("known before", "CPU µs a call", "to smallest", "start, s", "RSS MiB", "files MiB")
    rows = [
        [f"{row['size']:,} {row['axis']}", f"{row['cpu_us']:.0f}", f"{row['to_smallest']:.2f}"]
        + [f"{row['ready_seconds']:.2f}", f"{row['memory_mib']:,.0f}", f"{row['disk_mib']:,.0f}"]
        for row in report["sizes"]
    ]
    table(f"A call's price as more is known, median of {report['rounds']} interleaved rounds", heads, rows, console)
    console.print(f"A day of records is {SIEGE_DAY:,} calls. Starts are medians of three.")


PART = Part("scale", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
