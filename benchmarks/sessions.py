"""Callers in the CAPTCHA, all at once: memory of an open session. `python -m benchmarks.sessions --out DIR`."""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.load import Held, Load, run
from benchmarks.report import Goal, Part, Report, table
from benchmarks.serving import Daemon

SIZES = (1_000, 2_500, 5_000, 10_000)
QUICK_SIZES = (200, 1_000)
CHALLENGED = """
[policy]
normal = { challenge = 0.1, reject = 1000.0 }
[signals.caller_rate]
limit = "1/1d"
"""
FIRST_CALLS = 1_000  # a second: each caller has called once before, and is over the limit with the next


def measure(quick: bool) -> Report:
    """Each size in a fresh daemon, which has taken calls before: what it keeps for all is not a session's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sizes = [size for size in (QUICK_SIZES if quick else SIZES) if size + 200 < hard]
    with tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder:
        rows = [one_size(Path(folder) / str(size), size) for size in sizes]
    goals = [Goal("KiB an open session in the CAPTCHA, at the most at once", 6, rows[-1]["kib_each"], at_most=True)]
    goals.append(Goal("callers in the CAPTCHA at once", sizes[-1], rows[-1]["held"]))
    return {"open_files": hard, "soft_limit_before": soft, "sizes": rows, "goals": [goal.row() for goal in goals]}


def one_size(folder: Path, size: int) -> dict[str, float]:
    with Daemon(folder, CHALLENGED) as daemon:
        # One after the other and not too fast: a backlog of records, freed later, would hide what the sessions take.
        run(daemon.port, Load("open", sessions=size, rate=FIRST_CALLS, callers=size))
        daemon.settle()
        before = daemon.memory_kib
        with Held(daemon.port, Load("hold", size, sessions=size, seconds=60, callers=size)) as held:
            daemon.settle()
            during = daemon.memory_kib
        daemon.settle()
        after, rows = daemon.memory_kib, daemon.rows()
    return {
        "wanted": size,
        "held": held.held,
        "before_kib": before,
        "during_kib": during,
        "after_kib": after,
        "kib_each": (during - before) / size,
        "recorded": rows,
    }


def show(report: Report, console: Console) -> None:
    heads = ("callers at once", "in the CAPTCHA", "RSS before, KiB", "during", "after", "KiB each", "calls recorded")
    keys = ("wanted", "held", "before_kib", "during_kib", "after_kib")
    rows = [
        [*(f"{row[key]:,.0f}" for key in keys), f"{row['kib_each']:.2f}", f"{row['recorded']:,}"]
        for row in report["sizes"]
    ]
    table("Sessions open at once, each waiting in its question", heads, rows, console)


PART = Part("sessions", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
