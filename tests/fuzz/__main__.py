"""`python -m tests.fuzz TARGET --inputs 10000000 --seed 1`: a long run, by hand. `--guided` lets atheris choose."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.runner import Ran, run
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Exit code 1 when an input broke a promise."""
    listed = "\n".join(f"  {name:<18} {made.what}" for name, made in TARGETS.items())
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m tests.fuzz", description=f"targets:\n{listed}", formatter_class=formatter
    )
    parser.add_argument("target", choices=TARGETS, metavar="TARGET")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--guided", action="store_true", help="by the coverage of the pure Python: needs atheris")
    parser.add_argument("--keep", type=Path, default=Path(".cache/fuzz"), help="folder for inputs that break something")
    parser.add_argument("--json", type=Path, help="file that gets one line more with the figures of this run")
    options = parser.parse_args()
    if options.guided:
        words = ["-m", "tests.fuzz.guided", options.target, str(options.inputs), str(options.seed), str(options.keep)]
        return subprocess.run([sys.executable, *words], check=False).returncode
    logging.disable(logging.CRITICAL)  # what the daemon would log of it: the targets look at the lines themselves
    ran = asyncio.run(run(TARGETS[options.target](), options.inputs, options.seed, options.keep, say=True))
    print(row(ran))
    if options.json:
        with options.json.open("a") as file:
            file.write(json.dumps(asdict(ran)) + "\n")
    return 1 if ran.crashes else 0


def row(ran: Ran) -> str:
    return (
        f"{ran.target:<18}{ran.inputs:>12,} inputs {ran.inputs / ran.cpu:>9,.0f}/s of CPU"
        f"  mean {ran.size // ran.inputs} bytes"
        f"  slowest {ran.slowest * 1000:.1f} ms  RSS {ran.rss_warm:,} -> {ran.rss_end:,} KiB (most {ran.rss_most:,})"
        f"  seed {ran.seed}  failed {ran.failed}"
    )


if __name__ == "__main__":
    sys.exit(main())
