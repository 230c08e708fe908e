"""`python -m tests.fuzz.report RAN.jsonl`: the runs of `python -m tests.fuzz … --json RAN.jsonl` as one table."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

Runs = list[dict[str, Any]]


def main() -> None:
    by_target: dict[str, Runs] = defaultdict(list)
    for line in Path(sys.argv[1]).read_text().splitlines():
        ran = json.loads(line)
        by_target[ran["target"]].append(ran)
    print(f"{'target':<18}{'inputs':>12}{'per s CPU':>11}{'failed':>8}{'growth KiB':>12}{'most MiB':>10}  seeds")
    for target, runs in by_target.items():
        print(row(target, runs))


def row(target: str, runs: Runs) -> str:
    """Growth: of resident memory from a tenth of a run to its end, in the run where it was largest."""
    inputs, cpu = sum(ran["inputs"] for ran in runs), sum(ran["cpu"] for ran in runs)
    growth = max(ran["rss_end"] - ran["rss_warm"] for ran in runs)
    most = max(ran["rss_most"] for ran in runs) / 1024
    seeds = sorted({ran["seed"] for ran in runs})
    failed = sum(ran["failed"] for ran in runs)
    shown = f"{seeds[0]}-{seeds[-1]}" if len(seeds) > 1 else str(seeds[0])
    return f"{target:<18}{inputs:>12,}{inputs / cpu:>11,.0f}{failed:>8}{growth:>12,}{most:>10.1f}  {shown}"


if __name__ == "__main__":
    main()
