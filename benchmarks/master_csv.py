"""A Master.csv made up for measuring: a centre of 4,000 calls a day, flooded for an hour now and then.

`python -m benchmarks.master_csv FILE [CALLS]`."""

from __future__ import annotations

import csv
import random
import sys
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import TextIO

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY = 86400.0
CALLS_A_DAY = 4000
OPEN_SECONDS = 11 * 3600.0
CUSTOMERS = 60_000  # who call again and again
ROBOTS = 0.2  # of all calls
FLOOD, FLOOD_SECONDS = 50_000, 3600.0
AREAS = (612, 651, 763, 952, 218, 320, 507, 415, 212, 305, 404, 503, 602, 702, 808)
Row = tuple[str | int, ...]


def write(file: TextIO, calls: int, seed: int = 1) -> None:
    """`calls` lines in the order of the calls' ends, as cdr_csv writes them. Times are UTC."""
    chance = random.Random(seed)
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    under_way: list[tuple[float, int, Row]] = []
    for number, (at, robot) in enumerate(_arrivals(calls, chance)):
        while under_way and under_way[0][0] <= at:
            writer.writerow(heappop(under_way)[2])
        ended, row = _call(number, at, chance, robot=robot)
        heappush(under_way, (ended, number, row))
    while under_way:
        writer.writerow(heappop(under_way)[2])


def _arrivals(calls: int, chance: random.Random) -> list[tuple[float, bool]]:
    robots = int(calls * ROBOTS)
    days = max(3, (calls - robots) // CALLS_A_DAY)
    floods = [chance.randrange(days // 2, days) * DAY + 3600.0 for _ in range(max(1, robots // FLOOD))]
    found = [(chance.choice(floods) + chance.random() * FLOOD_SECONDS, True) for _ in range(robots)]
    for _ in range(calls - robots):
        while not 0.0 <= (hour := chance.gauss(0.45, 0.22)) < 1.0:  # cut off, all the rest would call at the opening
            pass
        found.append((chance.randrange(days) * DAY + hour * OPEN_SECONDS, False))
    return sorted(found)


def _call(number: int, at: float, chance: random.Random, *, robot: bool) -> tuple[float, Row]:
    if robot:
        src = f"{chance.choice(AREAS)}{chance.randrange(200, 999)}{chance.randrange(10_000):04}"
        talk = chance.randrange(5) if chance.random() < 0.5 else 0
    else:
        who = chance.randrange(CUSTOMERS)
        src = f"{AREAS[who % 5]}{200 + who * 7919 % 800}{who * 104_729 % 10_000:04}"
        talk = int(chance.expovariate(1 / 180)) + 10 if chance.random() < 0.8 else 0
    wait = int(chance.expovariate(1 / 30))
    word = "ANSWERED" if talk else chance.choice(("NO ANSWER", "BUSY"))
    start = BEGIN + timedelta(seconds=int(at))
    answer = f"{start + timedelta(seconds=wait):%Y-%m-%d %H:%M:%S}" if talk else ""
    end = start + timedelta(seconds=wait + talk)
    times = (f"{start:%Y-%m-%d %H:%M:%S}", answer, f"{end:%Y-%m-%d %H:%M:%S}", wait + talk, talk)
    head = ("", src, "18005550100", "from-trunk", f'"CALLER" <{src}>', f"PJSIP/trunk-{number:08x}")
    way = (f"PJSIP/op{number % 40}-{number:08x}" if talk else "", "Queue", "operators,t")
    uniqueid = f"{int(start.timestamp())}.{number}"
    return at + wait + talk, (*head, *way, *times, word, "DOCUMENTATION", uniqueid, "")


def main() -> None:
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as file:
        write(file, calls)


if __name__ == "__main__":
    main()
