"""Where a call's time goes: `python -m benchmarks.profile --out DIR`. The daemon whole under full load: its threads'
CPU and changes of thread as the kernel counts them, and what they were doing as `perf` samples it where it is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from benchmarks import load
from benchmarks.load import Load
from benchmarks.machine import TICKS
from benchmarks.path import stages
from benchmarks.report import Part, Report, table
from benchmarks.serving import Daemon

SAMPLES_A_SECOND = 2_000
SYSCALLS = ("__x64_sys_", "__sys_", "__arm64_sys_")
Threads = dict[str, tuple[float, float, int, int]]


def measure(quick: bool) -> Report:
    """Two loads alike: one for the kernel's figures, one beneath the profiler, which slows the daemon down a little."""
    seconds = 1.0 if quick else 5.0
    with tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder, Daemon(Path(folder) / "ours") as daemon:
        load.run(daemon.port, Load("closed", seconds=1.0))
        daemon.settle()
        before = threads_of(daemon.pid)
        found = load.run(daemon.port, Load("closed", seconds=seconds, first=10_000_000))
        daemon.settle()
        after = threads_of(daemon.pid)
        places = sampled(daemon, seconds, Path(folder) / "samples") if shutil.which("perf") else Counter()
    threads = [_thread(name, before.get(name), after[name], found.answered) for name in after]
    total = sum(row["user_us"] + row["system_us"] for row in threads)
    return {
        "rate": found.rate,
        "threads": threads,
        "places": [[*place, share * total] for place, share in places.most_common()],
        "stages": stages(2_000 if quick else 20_000),
        "goals": [],
    }


def threads_of(pid: int) -> Threads:
    """User and system seconds, and voluntary and forced changes of thread, of each thread."""
    found = {}
    for task in sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda task: int(task.name)):
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        switches = (int(status["voluntary_ctxt_switches"]), int(status["nonvoluntary_ctxt_switches"]))
        name = "loop" if task.name == str(pid) else f"worker {task.name}"
        found[name] = (int(fields[11]) / TICKS, int(fields[12]) / TICKS, *switches)
    return found


def _thread(name: str, before: tuple[float, ...] | None, after: tuple[float, ...], calls: int) -> Report:
    user, system, own, forced = (new - old for new, old in zip(after, before or (0.0, 0.0, 0, 0), strict=True))
    a_call = {"user_us": user * 1e6, "system_us": system * 1e6, "gave_way": own, "was_made_to": forced}
    return {"thread": name, **{key: value / calls for key, value in a_call.items()}}


def sampled(daemon: Daemon, seconds: float, file: Path) -> Counter[tuple[str, str]]:
    """Shares of all samples by thread and place."""
    what = Load("closed", seconds=seconds + 1, first=50_000_000)
    loading = threading.Thread(target=load.run, args=(daemon.port, what))
    loading.start()
    command = ["perf", "record", "-F", str(SAMPLES_A_SECOND), "-g", "-o", str(file), "-p", str(daemon.pid)]
    subprocess.run([*command, "--", "sleep", str(seconds)], check=True, capture_output=True)
    loading.join()
    script = ["perf", "script", "-i", str(file), "-F", "tid,ip,sym,dso"]
    said = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    found = Counter(
        ("loop" if tid == daemon.pid else "workers", place(frames)) for tid, frames in stacks(said.splitlines())
    )
    total = sum(found.values())
    return Counter({where: count / total for where, count in found.items()})


def stacks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Thread and frames, innermost first, of each sample in `perf script`'s words."""
    tid, frames = 0, list[str]()
    for line in [*lines, ""]:
        if not line.strip():
            if frames:
                yield tid, frames
            tid, frames = 0, []
        elif not tid:
            tid = int(line.split()[0])
        else:
            frames.append(line.strip())


def place(frames: list[str]) -> str:
    """The system call that it was in, else the library or program of the innermost frame."""
    for frame in frames:
        symbol = frame.split()[1] if len(frame.split()) > 1 else ""
        for head in SYSCALLS:
            if symbol.startswith(head):
                return f"kernel: {symbol.removeprefix(head)}"
    innermost = frames[0].rpartition("(")[2].rstrip(")").rpartition("/")[2]
    return "kernel: other" if innermost.startswith("[") else innermost.split(".cpython")[0].split(".so")[0]


def show(report: Report, console: Console) -> None:
    heads = ("thread", "user µs a call", "system µs", "gave way, a call", "was made to")
    keys = ("user_us", "system_us", "gave_way", "was_made_to")
    busy = [row for row in report["threads"] if row["user_us"] + row["system_us"] > 0.05]
    rows = [[row["thread"], *(f"{row[key]:.2f}" for key in keys)] for row in busy]
    table(f"The daemon's threads at {report['rate']:,.0f} calls/s on one core", heads, rows, console)
    rows = [[f"{thread}: {what}", f"{us:.1f}"] for thread, what, us in report["places"] if us >= 0.25]
    table("What they were doing, by samples (perf)", ("thread: system call, else library", "µs a call"), rows, console)
    rows = [[name, f"{us:.2f}"] for name, us in report["stages"].items()]
    table("Each step in a loop of its own, with warm caches", ("step", "µs a call"), rows, console)


PART = Part("profile", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
