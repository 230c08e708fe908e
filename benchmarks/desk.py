"""What the live page costs the daemon: `python -m benchmarks.desk --out DIR`.

The same daemon takes the same calls in turns without and with viewers; the difference is the price of being watched.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import aiohttp
from rich.console import Console

from agi_screen.base.clock import SystemClock
from agi_screen.base.records import CallRecord
from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict
from agi_screen.trail.board.board import Board, Mark
from benchmarks import load
from benchmarks.load import Load
from benchmarks.report import Goal, Part, Report, table
from benchmarks.serving import CONFIG, Serving, free_port, module

RATE, VIEWERS = 50, 20
BOARD_CALLS = 200_000
NO_LIMIT = aiohttp.ClientTimeout(total=None)
EVIDENCE = (Evidence("caller_rate", 0.5, 2.0, "3 calls"), Evidence("surge", 0.2, 1.0, ""))
RECORD = CallRecord(
    *("", "1.1", 0.0, "", "", "valid", "", "", "", Verdict.ALLOW, Verdict.ALLOW, 3.0, Level.NORMAL, ""),
    *((), CaptchaResult.SKIPPED, (), "", 30),
)
Row = dict[str, float]


def measure(quick: bool) -> Report:
    rounds, seconds = (1, 4.0) if quick else (3, 12.0)
    rows: dict[int, list[Row]] = {0: [], VIEWERS: []}
    with tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder:
        config, port = Path(folder) / "agi-screen.toml", free_port()
        config.write_text(CONFIG.format(port=port, ami="false", ami_port=5038, more=""))
        with Serving(module("watched", str(config)), log=Path(folder) / "log") as server:
            asyncio.run(one_round(server, port, 0, 3.0))  # warm
            for _ in range(rounds):
                for viewers, found in rows.items():
                    found.append(asyncio.run(one_round(server, port, viewers, seconds)))
    cores = {viewers: median(row["core"] for row in found) for viewers, found in rows.items()}
    board = board_cost()
    goals = [
        Goal(f"% of a core, {RATE} calls/s, {VIEWERS} viewers: all of the daemon", 5, cores[VIEWERS] * 100, True),
        Goal("ns of CPU a call costs the board, every caller a new one", 2000, board["call_ns"], True),
        Goal(f"ms the loop is held by one picture, {RATE} new calls in it", 1, board["step_ms"], True),
    ]
    told = {"rounds": rounds, "seconds": seconds, "viewers": {str(n): found for n, found in rows.items()}}
    return {**told, "cores": {str(n): core for n, core in cores.items()}, **board, "goals": [g.row() for g in goals]}


async def one_round(server: Serving, port: int, viewers: int, seconds: float) -> Row:
    """Calls for so long, while so many watch. The daemon's CPU counts from when all of them have their first event."""
    async with aiohttp.ClientSession(timeout=NO_LIMIT, connector=aiohttp.TCPConnector(limit=0)) as client:
        counts, all_there = [[0, 0] for _ in range(viewers)], asyncio.Barrier(viewers + 1)
        watching = [asyncio.create_task(watch(client, server.port, count, all_there)) for count in counts]
        await all_there.wait()
        before, begun = server.cpu, time.monotonic()
        what = Load("open", seconds=seconds, rate=RATE, first=int(begun) % 1_000_000 * 1000)
        found = await asyncio.to_thread(load.run, port, what)
        core = (server.cpu - before) / (time.monotonic() - begun)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    events, size = (sum(count[place] for count in counts) for place in (0, 1))
    each = max(1, viewers) * seconds
    times = {"verdict_p99": found.verdict_us["p99"], "answered": float(found.answered)}
    return {"core": core, "events": events / each, "kib": size / 1024 / each, **times}


async def watch(client: aiohttp.ClientSession, port: int, count: list[int], all_there: asyncio.Barrier) -> None:
    """Reads as a page does; counts events and bytes."""
    async with client.get(f"http://127.0.0.1:{port}/api/v1/live") as stream:
        await stream.content.readuntil(b"\n\n")
        await all_there.wait()
        async for chunk in stream.content.iter_any():
            count[0] += chunk.count(b"\n\n")
            count[1] += len(chunk)


def board_cost() -> Row:
    """CPU time of the board alone: calls of callers who all are new, the dearest there are."""
    records = [a_record(number) for number in range(BOARD_CALLS)]
    costs = []
    for _ in range(3):
        board = Board(SystemClock())
        begun = time.thread_time_ns()
        for record in records:
            board.decided(record)
        _, mark = board.parts(Mark())
        costs.append((time.thread_time_ns() - begun) / BOARD_CALLS)
    steps = []
    for turn in range(20):
        for record in records[turn * RATE : (turn + 1) * RATE]:
            board.decided(record)
        begun = time.thread_time_ns()
        _, mark = board.parts(mark)
        steps.append((time.thread_time_ns() - begun) / 1e6)
    return {"call_ns": min(costs), "step_ms": median(steps)}


def a_record(number: int) -> CallRecord:
    """A call whose caller never called before; each third is rejected, each second has reasons."""
    caller = f"+1{2_000_000_000 + number * 7_919_993 % 7_999_999_999}"
    told = Verdict.REJECT if number % 3 == 0 else Verdict.ALLOW
    return RECORD._replace(
        id=f"{number:019x}",
        caller=caller,
        dialled=f"+1800555{number % 10:04}",
        trunk=f"PJSIP/trunk{number % 3}",
        verdict=told,
        final_verdict=told,
        evidence=EVIDENCE if number % 2 else (),
    )


def show(report: Report, console: Console) -> None:
    title = f"{RATE} calls/s in {{rounds}} interleaved rounds of {{seconds:g}} s".format(**report)
    heads = ("viewers", "daemon, of a core", "events/s each", "KiB/s each", "verdict p99, µs")
    rows = [
        [viewers, f"{row['core']:.1%}", f"{row['events']:.2f}", f"{row['kib']:.1f}", f"{row['verdict_p99']:,.0f}"]
        for viewers, found in report["viewers"].items()
        for row in found
    ]
    table(title, heads, rows, console)
    console.print(f"the board: {report['call_ns']:,.0f} ns a call, {report['step_ms']:.2f} ms a picture")


PART = Part("desk", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
