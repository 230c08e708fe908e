"""The machine a figure comes from, and what the kernel says of a process. No names of hosts, no paths."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from importlib import metadata
from pathlib import Path

LIBRARIES = ("uvloop", "panoramisk", "pyst2", "aiosqlite", "cachetools", "cython", "phonenumbers", "pydantic")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
LOOPS = 50_000
TICKS = os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, object]:
    """What has to be known to compare these figures with another run's."""
    return {
        "cores": len(CORES),
        "processor": _first("/proc/cpuinfo", "model name"),
        "memory_gib": memory_gib(),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "python_loop_ns": round(python_loop_ns()),
        "go": _said("go", "version"),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "load_average": os.getloadavg()[0],
    }


def python_loop_ns() -> float:
    """A fixed piece of plain Python: tells a Python built with profile-guided optimisation from one without, which
    is slower by half, and a tired machine from a fresh one."""
    best = float("inf")
    for _ in range(7):
        begun, kept = time.thread_time_ns(), {}
        for number in range(LOOPS):
            key, _, value = f"agi_{number & 255}: {number}".partition(": ")
            kept[key] = value
        best = min(best, (time.thread_time_ns() - begun) / LOOPS)
    return best


def memory_gib() -> int:
    """All of the machine's memory."""
    return round(int(_first("/proc/meminfo", "MemTotal").split()[0]) / 1048576)


def line(machine: dict[str, object]) -> str:
    """The description in one line, for under a table."""
    said = "{cores} cores of {processor}, {memory_gib} GiB, {kernel}, Python {python} ({python_loop_ns} ns a loop)"
    return f"{said.format(**machine)}; load before {machine['load_average']:.1f}"


def on_core(core: int | None, command: list[str]) -> list[str]:
    """The command, kept to one core; None: to none."""
    return command if core is None else ["taskset", "-c", str(core), *command]


def stolen_seconds() -> float:
    """What the host of a virtual machine has taken from all its cores so far: delays that no program here makes."""
    return int(_first("/proc/stat", "cpu ").split()[7]) / TICKS


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_kib(pid: int) -> int:
    """Resident memory of a process."""
    return int(_first(f"/proc/{pid}/status", "VmRSS").split()[0])


def _first(path: str, key: str) -> str:
    found = (text for text in Path(path).read_text().splitlines() if text.startswith(key))
    return next(found, "? ?").removeprefix(key).strip(" \t:")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _said(program: str, word: str) -> str:
    if shutil.which(program) is None:
        return ""
    return subprocess.run([program, word], capture_output=True, text=True, check=False).stdout.strip()
