"""The embedded store and PostgreSQL, the same work one after the other: records written, pages found among them.
`python -m benchmarks.store_postgresql --calls 1000000 --out docs/benchmarks`. The server has its own defaults: every
commit is on the disk before it is answered; the file is written as the daemon writes it (a crash of the machine may
cost the last moments)."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from agi_screen.base.clock import SystemClock
from agi_screen.base.store import Store
from agi_screen.base.store_calls import CallRow, call_row
from agi_screen.base.store_place import Place
from agi_screen.base.store_search import CallFilter
from agi_screen.base.store_walk import call_page
from agi_screen.base.verdict import Verdict
from agi_screen.trail.calls import BATCH
from benchmarks import machine
from tests.made import NOON, a_call
from tests.postgresql import own_server

SMALL = 50  # records of a quiet second's transaction
ROUNDS = 15
SERVER = ("fsync=on", "full_page_writes=on", "autovacuum=on", "shared_buffers=128MB")
Found = dict[str, float]


def rows(first: int, count: int, calls: int) -> list[CallRow]:
    """Callers all different but a few, one number dialled by nearly all, a third challenged, a day in all."""
    made = a_call()
    return [
        call_row(
            made._replace(
                id=f"{n:012x}",
                uniqueid=f"1800000000.{n}",
                started=NOON + n * 86400 / calls,
                caller=f"+1415{n * 7919 % 10_000_000:07}",
                dialled="+18005551234" if n % 50 else "+18005550000",
                verdict=Verdict.CHALLENGE if n % 3 == 0 else Verdict.ALLOW,
            )
        )
        for n in range(first, first + count)
    ]


def pages(calls: int) -> dict[str, CallFilter]:
    """What people ask for."""
    middle = f"{calls // 2:012x}"
    return {
        "the newest": CallFilter(),
        "from the middle on": CallFilter(before=middle),
        "of one caller": CallFilter(caller="+14157919000"),
        "of a caller never seen": CallFilter(caller="+19999999999"),
        "to the number of nearly all, from the middle on": CallFilter(dialled="+18005551234", before=middle),
        "to a number of few": CallFilter(dialled="+18005550000"),
        "challenged, of one hour": CallFilter(verdict=Verdict.CHALLENGE, since=NOON + 36_000, until=NOON + 39_600),
        "by the beginning of ids": CallFilter(beginnings=(f"{calls // 3:012x}"[:-1], f"{calls // 2:012x}"[:-1])),
        "of a signal that said nothing (one walk)": CallFilter(signal="fingerprint"),
    }


async def measured(place: Place, calls: int) -> Found:
    """One store, from empty."""
    clock = SystemClock()
    store = await Store.open(place, clock=clock)
    found: Found = {}
    spent = cpu = 0.0
    for first in range(0, calls, BATCH):
        made = rows(first, min(BATCH, calls - first), calls)
        begun, used = time.perf_counter(), time.process_time()
        await store.save_rows(made)
        spent, cpu = spent + time.perf_counter() - begun, cpu + time.process_time() - used
    found["records a second, 5,000 a transaction"] = calls / spent
    found["our processor time a record, us"] = cpu / calls * 1e6
    small = [rows(calls + n * SMALL, SMALL, calls) for n in range(ROUNDS)]
    times = [await timed(partial(store.save_rows, some)) for some in small]
    found[f"ms for a transaction of {SMALL} records"] = median(times)
    for name, wanted in pages(calls).items():
        found[f"ms for a page {name}"] = await page(store, wanted, clock)
    await store.close()
    return found


async def page(store: Store, wanted: CallFilter, clock: SystemClock) -> float:
    """The median; the first one, which may read from the disk, left out."""
    times = [await timed(lambda: call_page(store, wanted, clock)) for _ in range(ROUNDS + 1)]
    return median(times[1:])


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1e3


def table(calls: int, embedded: Found, server: Found, version: str) -> str:
    lines = [f"{calls:,} records; the embedded file and {version} on the same machine, one after the other", ""]
    lines.append(f"{'':<62}{'embedded':>12}{'PostgreSQL':>12}{'ratio':>8}")
    for name, value in embedded.items():
        lines.append(f"{name:<62}{value:>12,.2f}{server[name]:>12,.2f}{server[name] / value:>8.2f}")
    return "\n".join([*lines, "", machine.line(machine.describe())]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser("benchmarks.store_postgresql", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="20,000 records")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    calls = 20_000 if options.quick else options.calls
    with tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder, own_server(*SERVER) as server:
        embedded = asyncio.run(measured(Path(folder) / "agi-screen.db", calls))
        place = server.place()
        found = asyncio.run(measured(place, calls))
        said = table(calls, embedded, found, f"PostgreSQL {server.version()}")
    sys.stdout.write(said)
    if options.out is not None:
        (options.out / "store_postgresql.txt").write_text(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
