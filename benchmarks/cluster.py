"""What sharing state over Redis costs: calls a second one server carries, what a call waits, what the daemon pays.

`python -m benchmarks.cluster` (minutes, for a quiet machine) writes docs/benchmarks/cluster.txt; `--quick` is a
look. The load shares the machine's cores with Redis and the daemons: figures are least values of a real set-up.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import uvloop
from pydantic import SecretStr

from agi_screen.base._bucket_py import BucketTable
from agi_screen.base.clock import SystemClock
from agi_screen.cluster.news import Kind
from agi_screen.cluster.shared import SCRIPT, SharedState
from agi_screen.cluster.state import State
from tests.asterisk.until import until
from tests.cluster.conftest import machines
from tests.cluster.daemons import SECRET, Machine, over_the_limit
from tests.cluster.loads import sums
from tests.cluster.servers import SentinelServer, Server
from tests.cluster.test_connect import access_to

OUT = Path(__file__).resolve().parents[1] / "docs/benchmarks/cluster.txt"
RATE = Kind("caller_rate", 200 * 10**6, 1600 * 10**6)
OFFERED = Kind("captcha", 1200 * 10**6, 3600 * 10**6)


def sharing(url: str) -> SharedState:
    access = access_to(url)
    table = access.table.model_copy(update={"secret": SecretStr(SECRET), "deadline": 1.0})
    shared = SharedState(type(access)(access.url, table), SystemClock())
    shared.configure((RATE, OFFERED))
    return shared


async def asking(url: str, seconds: float, at_once: int, prefix: int) -> tuple[int, int, list[float]]:
    """Calls answered, calls that were not, and how long each waited; `at_once` are always under way."""
    shared = sharing(url)
    shared.start()
    await until(lambda: shared.up, 30)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    end, waits, alone, number = time.monotonic() + seconds, [0.0] * 0, [0], [0]

    def another() -> None:
        number[0] += 1
        begun = time.monotonic()

        def heard(state: State | None) -> None:
            alone[0] += state is None
            waits.append(time.monotonic() - begun)
            if time.monotonic() < end:
                loop.call_soon(another)
            else:
                ended.set()

        shared.ask(f"+1{prefix}{number[0] % 200_000:07}", "PJSIP/carrier", [RATE], heard, lambda _: None)

    for _ in range(at_once):
        another()
    await ended.wait()
    await shared.stop()
    return len(waits) - alone[0], alone[0], waits


def one_client(url: str, seconds: float, at_once: int, prefix: int) -> tuple[int, int, float]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        done, alone, waits = runner.run(asking(url, seconds, at_once, prefix))
    return done, alone, median(waits)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def shard(folder: Path, seconds: float) -> Iterator[str]:
    """One server under all the load that a few processes can make."""
    with Server(folder) as redis:
        asyncio.run(redis.answers())
        with get_context("spawn").Pool(4) as pool:
            for clients in (1, 2, 4):
                before, begun = cpu_of(redis.pid), time.monotonic()
                jobs = [(redis.url, seconds, 64, 200 + n) for n in range(clients)]
                found = pool.starmap(one_client, jobs)
                took, used = time.monotonic() - begun, cpu_of(redis.pid) - before
                calls, alone = sum(f[0] for f in found), sum(f[1] for f in found)
                yield (
                    f"  {clients} client(s), 64 calls under way each: {calls / seconds:9,.0f} calls/s answered, "
                    f"{alone} not; Redis:  {used / took:4.0%} of a core, {used / max(1, calls) * 1e6:5.1f} us a call, "
                    f"{max(1, calls) / max(used, 1e-9):9,.0f} calls/s in a whole core"
                )
        memory = redis.info("memory")["used_memory_dataset"]
        with redis.client() as client:
            keys = client.dbsize()
        yield f"  memory: {memory / max(1, keys):.0f} bytes a caller ({keys:,} callers)"


def most(folder: Path, calls: int) -> Iterator[str]:
    """The same script from redis-benchmark, which costs little itself: what one server can."""
    with Server(folder) as redis:
        asyncio.run(redis.answers())
        with redis.client() as client:
            sha = client.script_load(SCRIPT)
        kinds = [str(part) for kind in (RATE, OFFERED) for part in kind]
        head = ["node", "__rand_int__", "7776000000", "PJSIP/carrier", "2", *kinds, "t", "1", "0", "0", "1"]
        line = ["redis-benchmark", "-p", str(redis.port), "-n", str(calls), "-r", "200000", "--csv"]
        for together in (1, 16):
            before = cpu_of(redis.pid)
            done = subprocess.run(
                [*line, "-c", "50", "-P", str(together), "EVALSHA", sha, "1", "agi-screen:c:__rand_int__", *head],
                capture_output=True,
                text=True,
                check=True,
            )
            found = dict(zip(*csv.reader(done.stdout.splitlines()), strict=True))
            used = cpu_of(redis.pid) - before
            yield (
                f"  50 connections, {together:2} calls in a write: {float(found['rps']):9,.0f} calls/s, "
                f"p99 {float(found['p99_latency_ms']):.1f} ms; Redis: {used / calls * 1e6:.1f} us of CPU a call, "
                f"{calls / used:,.0f} calls/s in a whole core"
            )
        memory = redis.info("memory")["used_memory_dataset"]
        with redis.client() as client:
            yield f"  memory: {memory / client.dbsize():.0f} bytes a caller ({client.dbsize():,} callers)"


async def paced(machine: Machine, rate: float, seconds: float, prefix: int) -> list[float]:
    """Calls at an even rate over AGI sockets, each with another number; how long each took, in ms."""
    took, begun = [0.0] * 0, time.monotonic()

    async def one(number: int) -> None:
        start = time.monotonic()
        over_the_limit(await machine.call(f"+1{prefix}{number:07}"))
        took.append((time.monotonic() - start) * 1000)

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            group.create_task(one(number))
    return took


def added(folder: Path, rate: float, seconds: float) -> Iterator[str]:
    """The same calls on two daemons at the same machine in the same run, one with and one without Redis, by turns."""
    with Server(folder) as redis:
        asyncio.run(redis.answers())
        alone, shared = Machine(folder, "alone", "local"), Machine(folder, "shared", redis.url)
        with alone, shared:
            alone.is_ready()
            shared.is_ready()
            asyncio.run(until(shared.in_touch))
            cost, times = {alone: 0.0, shared: 0.0}, {alone: [0.0] * 0, shared: [0.0] * 0}
            for turn in range(4):
                for machine in (alone, shared) if turn % 2 else (shared, alone):
                    before = cpu_of(machine.pid)
                    times[machine] += uvloop.run(paced(machine, rate, seconds / 4, 300 + turn))
                    cost[machine] += cpu_of(machine.pid) - before
            for name, machine in (("local", alone), ("shared", shared)):
                points = quantiles(times[machine], n=100)
                per_call = cost[machine] / len(times[machine]) * 1e6
                yield (
                    f"  {name:6}: AGI session p50 {points[49]:6.2f} ms, p99 {points[98]:7.2f} ms; "
                    f"daemon {per_call:6.0f} us of CPU a call ({len(times[machine]):,} calls)"
                )
            yield f"  ratio of CPU a call: {cost[shared] / cost[alone]:.2f}"
            said = shared.shared()
            yield f"  of the shared: {said['shared']} in time, {said['missed']} missed 50 ms, {said['alone']} alone"


LIMIT, LIMIT_BURST, LIMIT_INTERVAL, FULL = "20/1s", 20, 50_000_000, 5  # FULL is that of the shipped signal
BUSY, CALM = (2.0, 35), (3.0, 10)  # so long at so many calls a second, by turns: 20 on average


def failover(folder: Path, seconds: float) -> Iterator[str]:
    """One caller, now over and now under its limit, over three daemons; the master is killed in the middle."""
    with Server(folder) as master, Server(folder, "--replicaof", master.host, str(master.port)) as replica:
        asyncio.run(master.answers())
        asyncio.run(until(lambda: replica.info("replication")["master_link_status"] == "up", 30))
        with SentinelServer(folder, master) as sentinel:
            asyncio.run(until(sentinel.knows_a_replica, 30))
            url = f"redis+sentinel://127.0.0.1:{sentinel.port}/mymaster"
            with machines(folder, url, limit=LIMIT) as three:
                asyncio.run(over_limit(three, None, seconds / 3))
                yield from accuracy(three, "no fault")
                away = asyncio.run(over_limit(three, master, seconds))
                yield from accuracy(three, f"the master killed, all three in touch with the new one {away:.1f} s later")
                missed, alone, overdue = (sums(three, name) for name in ("missed", "alone", "overdue"))
                yield f"  {missed} calls missed 50 ms, {alone} were decided alone at once, {overdue} waited over 100 ms"


def accuracy(three: list[Machine], title: str) -> Iterator[str]:
    """Against the law of one bucket that had all these calls at the moments that the daemons recorded."""
    calls = sorted(call for machine in three for call in asyncio.run(recorded(machine)))
    within, law = sum(not over for _, over in calls), sum(lawful([at for at, _ in calls]))
    off = abs(within - law) / law
    yield f"  {title}: {len(calls)} calls, {within} judged within {LIMIT}; one bucket would say {law}: off by {off:.1%}"


async def recorded(machine: Machine) -> list[tuple[int, bool]]:
    """When each call came, in ns, and whether it was over the limit; forgets them."""
    await until(lambda: "ok" in machine.status()["records"])
    await asyncio.sleep(1.0)  # what was decided is written within a quarter of a second
    with sqlite3.connect(machine.folder / "agi-screen.db") as base:
        rows = base.execute("SELECT started, evidence FROM calls WHERE n > ?", (SEEN.get(machine.pid, 0),)).fetchall()
        SEEN[machine.pid] = base.execute("SELECT max(n) FROM calls").fetchone()[0]
    base.close()
    return [(int(started * 1e9), "caller_rate" in evidence) for started, evidence in rows]


SEEN: dict[int, int] = {}


def lawful(times: list[int]) -> list[bool]:
    """Of calls at these moments, in ns, whether each was within the limit by the law of the buckets."""
    law = (LIMIT_INTERVAL, LIMIT_INTERVAL * LIMIT_BURST, LIMIT_INTERVAL * (LIMIT_BURST + FULL))
    table = BucketTable(8, [law], bytes(16))
    return [table.take(0, "k", at) >= 0 for at in sorted(times)]


def moments(seconds: float) -> Iterator[float]:
    at = 0.0
    while at < seconds:
        for long, rate in (BUSY, CALM):
            yield from (at + number / rate for number in range(int(long * rate)))
            at += long


async def over_limit(three: list[Machine], master: Server | None, seconds: float) -> float:
    """Calls for so long; returns how long Redis was away."""
    begun, away = time.monotonic(), 0.0

    async def one(number: int) -> None:
        over_the_limit(await three[number % 3].call("+16515554001"))

    async def outage(killed: Server) -> None:
        nonlocal away
        await asyncio.sleep(seconds / 2)
        await asyncio.to_thread(killed.kill)
        start = time.monotonic()
        await until(lambda: not any(m.shared()["state"] == "ok" for m in three), 30)
        await until(lambda: all(m.shared()["state"] == "ok" for m in three), 60)
        away = time.monotonic() - start

    async with asyncio.TaskGroup() as group:
        if master is not None:
            group.create_task(outage(master))
        for number, moment in enumerate(moments(seconds)):
            await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
            group.create_task(one(number))
    return away


PARTS: dict[str, Any] = {
    "One Redis server, our script, driven by redis-benchmark": lambda f, q: most(f, 50_000 if q else 300_000),
    "The same, driven by our own client in Python": lambda f, q: shard(f, 2.0 if q else 10.0),
    "A daemon at 100 calls/s over AGI sockets, with and without Redis": lambda f, q: added(f, 100, 8 if q else 60),
    "A limit over three daemons, the master killed under load (Sentinel)": lambda f, q: failover(f, 15 if q else 60),
}


@contextmanager
def said(path: Path | None) -> Iterator[list[str]]:
    lines: list[str] = []
    yield lines
    if path is not None:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="seconds, and nothing is written")
    parser.add_argument("--part", type=int, choices=range(1, len(PARTS) + 1), help="only this, and nothing is written")
    chosen = parser.parse_args()
    quick, parts = chosen.quick, list(PARTS.items())
    parts = parts if chosen.part is None else [parts[chosen.part - 1]]
    version = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout.split()[
        2
    ]
    with said(None if quick or chosen.part else OUT) as lines:
        lines.append(
            f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores for everything together, "
            f"load of the machine before it began {os.getloadavg()[0]:.1f}; "
            f"Redis {version}, Python {platform.python_version()}"
        )
        print(lines[-1])
        for title, part in parts:
            lines += ["", title]
            print(f"\n{title}")
            with tempfile.TemporaryDirectory() as folder:
                for line in part(Path(folder), quick):
                    lines.append(line)
                    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
