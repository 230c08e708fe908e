"""Benchmark of the limiter: `python -m benchmarks.limiter --out DIR [--quick]`. Tables, limiter.json, limiter.svg."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from agi_screen.base.buckets import Buckets, Limit
from benchmarks import limiter_show, limiter_work
from benchmarks.limiter_peers import OURS, PEERS, installed

RUST_AND_MYPYC = ("rust-py-rate-limit", "floodgate-rs", "pycooldown")


def main() -> int:
    """Measures, shows, writes. Exit code 1 where the compiled table is not built: its figures are the point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for limiter.json and limiter.svg")
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds; its figures mean little")
    options = parser.parse_args()
    if not Buckets(1, []).stats().compiled:
        sys.stderr.write("the compiled table is not built: run `python setup.py build_ext --inplace` first\n")
        return 1
    report = measure(limiter_work.QUICK if options.quick else limiter_work.FULL)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "limiter.json").write_text(json.dumps(report, indent=1) + "\n")
    console = Console(width=None if sys.stdout.isatty() else 130)
    limiter_show.tables(report, console)
    if find_spec("matplotlib"):
        importlib.import_module("benchmarks.limiter_picture").draw(report, options.out / "limiter.svg")
    else:
        console.print("No picture: matplotlib is not installed (extra `bench`).")
    return 0


def measure(size: limiter_work.Size) -> dict[str, Any]:
    """All figures of one run."""
    peers, missing = installed()
    figures = limiter_work.hot_and_random(peers, size)
    rows = {peer.name: _row(figures[peer.name]) for peer in PEERS if peer.name in figures}
    five, batch = limiter_work.call_of_five(size), limiter_work.batch(size)
    stats = Buckets(size.keys, [Limit(1, 1)]).stats()
    return {
        "machine": f"{platform.machine()}, Python {platform.python_version()}, {_processor()}",
        "keys": size.keys,
        "rounds": size.rounds,
        "peers": rows,
        "missing": missing,
        "goals": _goals(rows, median(five), median(batch), stats.bytes / size.keys),
        "load": limiter_work.over_load(size),
        "flood": limiter_work.flood(size),
        "chosen_keys": limiter_work.chosen_keys(size),
    }


def _row(figures: dict[str, list[float]]) -> dict[str, float]:
    row = {work: median(values) for work, values in figures.items()}
    return row | {f"{work}_best": min(values) for work, values in figures.items()}


def _goals(rows: dict[str, dict[str, float]], five: float, batch: float, key_bytes: float) -> list[dict[str, Any]]:
    ours = rows[OURS]
    goals = [
        _goal("hot key, ns", 50, ours["hot"], at_most=True),
        _goal("random of all present keys, ns", 190, ours["random"], at_most=True),
        _goal("five keys of one call, ns", 400, five, at_most=True),
        _goal("batch, ns a key", 15, batch, at_most=True),
        _goal("bytes a key", 18, key_bytes, at_most=True),
    ]
    for work, wanted in (("random", 2.3), ("hot", 3.0)):
        compiled = [rows[name][work] for name in RUST_AND_MYPYC if name in rows]
        if compiled:
            goals.append(_goal(f"times the fastest compiled limiter, {work}", wanted, min(compiled) / ours[work]))
    pure = [row["random"] for name, row in rows.items() if name.startswith("limits")]
    if pure:
        goals.append(_goal("times `limits`, random", 50, min(pure) / ours["random"]))
    return goals


def _goal(goal: str, wanted: float, measured: float, *, at_most: bool = False) -> dict[str, Any]:
    met = measured <= wanted if at_most else measured >= wanted
    return {"goal": goal, "wanted": wanted, "measured": measured, "at_most": at_most, "met": met}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    sys.exit(main())
