"""Two million calls through sockets into the real daemon, with faults all the while: do memory and descriptors stay
flat? `python -m benchmarks.soak --out DIR`: some ten minutes on two quiet cores, hours on busy ones.

Ordinary callers, known and new, come from the load generator; every fiftieth session or so is odd or hostile
(benchmarks.soak_clients), and something befalls the daemon several times a second (benchmarks.soak_faults). The
manager interface is a fake (tests/fakes/fake_ami.py): no real Asterisk takes so many calls, or misbehaves when asked.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.load import Load, found
from benchmarks.report import Goal, Part, Report, table
from benchmarks.serving import Daemon, free_port
from benchmarks.soak_clients import OddCallers
from benchmarks.soak_faults import Faults, lines_of
from benchmarks.soak_watch import Sample, Sampler, slope
from tests.fakes.fake_ami import FakeAmi

CALLS, QUICK_CALLS = 2_000_000, 20_000
BATCH, QUICK_BATCH = 10_000, 1_000
SAMPLE_SECONDS, QUICK_SAMPLE_SECONDS = 3.0, 0.3
CONNECTIONS = 100
REPEATERS, REPEATED = 3_000, 5  # each fifth batch is of so many callers: over the limit, and asked
ODD_AT_ONCE, ODD_PAUSE = 24, 0.2
FAULT_PAUSE = 0.3
LONGEST_SECONDS = 7200.0  # a busy machine does not reach all calls: then as many as it took are reported
FLAT_MIB = 8.0  # for a million calls more
CONFIG = """
[agi]
listen = "127.0.0.1:{port}"
[ami]
port = {ami_port}
secret = "right"
[web]
listen = "127.0.0.1:{desk_port}"
[policy]
level = "normal"
"""


class SoakedDaemon(Daemon):
    """`agi-screen serve` as shipped, in `mode = "enforce"`, on ports of its own."""

    def __init__(self, folder: Path, ami_port: int) -> None:
        super().__init__(folder, core=None)  # a machine that others use: whichever core is free
        self.desk_port = free_port()
        self.config.write_text(CONFIG.format(port=self._fixed, ami_port=ami_port, desk_port=self.desk_port))


@dataclass(slots=True)
class Soak:
    """One run. `tell` hears how many sessions are through."""

    daemon: SoakedDaemon
    ami: FakeAmi
    calls: int
    batch: int
    tell: Callable[[int], None]
    imports: bool = True
    ordinary: dict[str, int] = field(default_factory=dict)
    _batches: int = 0

    async def run(self, sampler: Sampler) -> dict[str, Any]:
        odd = OddCallers(self.daemon.port)
        faults = Faults(self.daemon, self.daemon.desk_port, self.ami, self.imports)
        sampler.sessions = lambda: self._through(odd)
        beside = [asyncio.create_task(one(odd.one, ODD_PAUSE)) for _ in range(ODD_AT_ONCE)]
        beside += [asyncio.create_task(one(faults.one, FAULT_PAUSE)) for _ in range(2)]
        beside += [asyncio.create_task(sampler.run()), asyncio.create_task(self._drain_ami())]
        last = asyncio.get_running_loop().time() + LONGEST_SECONDS
        try:
            while self._through(odd) < self.calls and asyncio.get_running_loop().time() < last:
                await self._load()
                self.tell(self._through(odd))
                ended = next((task for task in beside if task.done()), None)
                if ended is not None:
                    ended.result()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        return {"ordinary": self.ordinary, "odd": odd.done, "not_taken": odd.failed, "faults": dict(faults.done)}

    def _through(self, odd: OddCallers) -> int:
        return self.ordinary.get("answered", 0) + odd.total

    async def _load(self) -> None:
        """One batch of ordinary calls: of the repeaters, or of callers who never called before."""
        self._batches += 1
        new = self._batches % REPEATED
        sizes = (300_000_000, self._batches * self.batch) if new else (REPEATERS, 0)
        load = Load("closed", CONNECTIONS, sessions=self.batch, callers=sizes[0], first=sizes[1], core=None)
        words = load.arguments(self.daemon.port)
        running = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        said, _ = await running.communicate()
        if running.returncode:
            raise RuntimeError(f"the load generator ended with {running.returncode}")
        self._count(said.decode())

    def _count(self, said: str) -> None:
        one = found(json.loads(said))
        for name, count in {"answered": one.answered, "unanswered": one.unanswered, **one.verdicts}.items():
            self.ordinary[name] = self.ordinary.get(name, 0) + count

    async def _drain_ami(self) -> None:
        while True:
            await self.ami.actions.get()


async def one(act: Callable[[], Any], pause: float) -> None:
    """The same act again and again."""
    while True:
        await act()
        await asyncio.sleep(pause)


def measure(quick: bool) -> Report:
    calls, batch, every = (QUICK_CALLS, QUICK_BATCH, QUICK_SAMPLE_SECONDS) if quick else (CALLS, BATCH, SAMPLE_SECONDS)
    bar = (TextColumn("{task.completed:,.0f} of {task.total:,.0f} calls"), BarColumn(), TimeElapsedColumn())
    with tempfile.TemporaryDirectory(prefix="agi-screen-soak-") as folder, Progress(*bar) as progress:
        task = progress.add_task("calls", total=calls)

        def tell(through: int) -> None:
            progress.update(task, completed=through)
            if not progress.console.is_terminal:
                print(f"{through:,} calls", file=sys.stderr)

        told = asyncio.run(soak(Path(folder), calls, batch, every, tell))
    return {**told, "goals": [goal.row() for goal in goals(told)]}


async def soak(
    folder: Path, calls: int, batch: int, every: float, tell: Callable[[int], None], *, imports: bool = True
) -> Report:
    """A whole run in this folder; the daemon must be alive at its end, with nothing of the faults left in it."""
    async with FakeAmi() as ami:
        daemon = SoakedDaemon(folder / "daemon", ami.port)
        await asyncio.to_thread(daemon.__enter__)
        try:
            sampler = Sampler(daemon.pid, daemon.desk_port, every)
            told = await Soak(daemon, ami, calls, batch, tell, imports).run(sampler)
            rest = await sampler.settled()
            told |= {"wanted": calls, "recorded": await asyncio.to_thread(daemon.rows)}
        finally:
            await asyncio.to_thread(daemon.__exit__, None, None, None)
    log = folder / "daemon/log"
    told |= {"tracebacks": lines_of(log, "Traceback"), "faults_of_ours": lines_of(log, "a fault of agi-screen")}
    return {**told, "rest": rest._asdict(), "samples": [sample._asdict() for sample in sampler.samples]}


def goals(report: Report) -> list[Goal]:
    samples = [Sample(**one) for one in report["samples"]]
    rest = report["rest"]
    first = samples[0].descriptors
    return [
        Goal("calls", report["wanted"], sum(report["odd"].values()) + report["ordinary"]["answered"]),
        Goal("ordinary calls without an answer", 0, report["ordinary"]["unanswered"], at_most=True),
        Goal("MiB of RSS more for a million calls more, last half", FLAT_MIB, slope(samples), at_most=True),
        Goal("descriptors at rest at the end, more than at the begin", 10, rest["descriptors"] - first, at_most=True),
        Goal("records that wait at the end", 0, rest["waiting"], at_most=True),
        Goal("AGI sessions open at the end", 0, rest["sessions"], at_most=True),
        Goal("faults in the daemon's log", 0, report["tracebacks"] + report["faults_of_ours"], at_most=True),
    ]


def show(report: Report, console: Console) -> None:
    samples = report["samples"]
    picked = [samples[i * (len(samples) - 1) // 10] for i in range(11)] if len(samples) > 10 else samples
    heads = ("calls", "RSS MiB", "descriptors", "threads", "loop late ms", "waiting", "sessions", "CAPTCHA", "followed")
    keys = ("mib", "descriptors", "threads", "late_ms", "waiting", "sessions", "in_captcha", "followed")
    rows = [[f"{one['calls']:,}", *(f"{one[key]:,.0f}" for key in keys)] for one in [*picked, report["rest"]]]
    table("The daemon while it is soaked; the last row at rest", heads, rows, console)
    for name, what in (("ordinary", "Ordinary calls"), ("odd", "Odd sessions"), ("faults", "What befell it")):
        said = ", ".join(f"{key} {count:,}" for key, count in sorted(report[name].items()))
        console.print(f"{what}: {said}")
    most = {key: max(one[key] for one in samples) for key in keys}
    console.print(
        f"At most: {most['mib']:.0f} MiB, {most['descriptors']} descriptors, {most['threads']} threads, loop "
        f"{most['late_ms']:.0f} ms late. {report['recorded']:,} calls recorded."
    )


PART = Part("soak", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
