"""kill -9 at random moments under 50 SIP calls a second, while people change lists, settings and level.
`nice python -m benchmarks.kill9 --kills 1000 --out docs/benchmarks/kill9.txt`, half an hour."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import machine
from tests.asterisk.kills.run import FLUSH_SECONDS, Result, run

EVERY = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.kill9", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="the text file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agi-screen-kills-") as folder:
        result = asyncio.run(_until_enough(options.kills, Path(folder), options.seed))
    text = "\n".join([*_lines(result, options.seed), "", machine.line(machine.describe())]) + "\n"
    options.out.write_text(text)
    sys.stdout.write(text)
    return 1 if result.faults else 0


async def _until_enough(kills: int, folder: Path, seed: int) -> Result:
    """SIGTERM ends it sooner; what was seen until then is judged and told."""
    enough = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, enough.set)

    def go_on(result: Result) -> bool:
        if result.kills.total() % EVERY == 0:
            sys.stderr.write(f"{result.kills.total()} kills, {len(result.faults)} faults\n")
        return not enough.is_set()

    return await run(kills, folder, seed=seed, go_on=go_on)


def _lines(result: Result, seed: int) -> list[str]:
    told, memory, lost = result.told, result.memory, sorted(result.lost)
    kills = ", ".join(f"{count} {moment}" for moment, count in sorted(result.kills.items()))
    changes = ", ".join(f"{count:,} by {how}" for how, count in sorted(memory.acknowledged.items()))
    unscreened = ", ".join(f"{count:,} {why}" for why, count in sorted(told.unscreened.items()))
    late = [one for one in lost if one > FLUSH_SECONDS]
    return [
        f"kill -9, {result.kills.total():,} times ({kills}), in {result.seconds / 60:.0f} min; seed {seed}",
        f"from start to `ready`: median {median(result.started):.2f} s, most {max(result.started):.2f} s "
        "(forks of a process that has the imports behind it)",
        "",
        f"SIP callers, 50 a second: {told.placed:,} placed, {told.answered:,} reached an operator, {told.refused:,} "
        f"refused, {told.open} left open; {told.resent:,} INVITEs sent again",
        f"the slowest waited {told.slowest_ms / 1000:.1f} s for the operator's answer",
        f"in a CAPTCHA when the daemon was killed: {told.asked:,}, reached an operator: {told.asked_reached:,}",
        f"verdicts given: {len(told.verdicts):,}; let through unscreened: {unscreened}",
        "",
        f"changes acknowledged: {changes}; all there at each of {len(result.started):,} starts: "
        f"{'yes' if not result.faults else 'see the faults'}",
        f"answered and not done, while it stopped: {len(memory.refusals)}",
        "",
        f"records of given verdicts: {len(told.verdicts) - len(lost):,} there, {len(lost):,} lost "
        f"({len(lost) / max(1, result.kills.total()):.1f} a kill)",
        f"a lost one was decided before the kill: median {median(lost or [0]) * 1000:.0f} ms, "
        f"most {max(lost or [0]) * 1000:.0f} ms; beyond flush_time ({FLUSH_SECONDS * 1000:.0f} ms): {len(late)}",
        "",
        f"faults: {len(result.faults)}",
        *result.faults[:50],
    ]


if __name__ == "__main__":
    sys.exit(main())
