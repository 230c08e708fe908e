"""Many callers in the CAPTCHA at the same time: what reaches their ears, and what it costs the daemon.

`python -m benchmarks.captcha_load --out DIR`. Asterisk, the daemon and the callers share the machine's cores.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

from benchmarks.captcha_lab import ASKED, CaptchaLab, captcha_lab
from benchmarks.report import Goal, Part, Report, table
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.reception import Reception

AT_ONCE, QUICK = (100, 300), (20,)
MEASURED_AT = 300
BEGUN_A_SECOND = 60
MOST_LISTENED = 40.0
AUDIBLE_LOSS, AUDIBLE_GAP_MS = 0.001, 60.0  # of packets; a telephone's jitter buffer bridges 60 ms
TICKS = os.sysconf("SC_CLK_TCK")


def measure(quick: bool) -> Report:
    """Each rung: so many silent callers, who hear two whole questions and a way on."""
    rungs = []
    for count in QUICK if quick else AT_ONCE:
        with captcha_lab() as lab:
            rungs.append(uvloop.run(rung(lab, count)))
    row = next((row for row in rungs if row["at_once"] == MEASURED_AT), rungs[-1])
    goals = [
        Goal(f"% of packets lost, {row['at_once']} at once", 100 * AUDIBLE_LOSS, row["lost_percent"], at_most=True),
        Goal("ms between packets, p99 of the worst caller", AUDIBLE_GAP_MS, row["worst_gap_p99_ms"], at_most=True),
        Goal("% of a core that the daemon takes", 15.0, row["daemon_percent"], at_most=True),
    ]
    return {"rungs": rungs, "goals": [goal.row() for goal in goals]}


async def rung(lab: CaptchaLab, count: int) -> dict[str, Any]:
    """Places the calls, waits until all are in the CAPTCHA, then looks at what each hears until all are through."""
    calls = []
    try:
        for n in range(count):
            dial = Dial(lab.lab.ports.sip, ASKED, caller=f"+1612{200 + n // 10:03d}{n % 10}000")
            call = await Caller.place(dial)
            calls.append(call)
            await asyncio.sleep(1 / BEGUN_A_SECOND)
        await asyncio.gather(*(call.audible(20) for call in calls))
        for call in calls:
            call.media.talk()
        inside = int(await asyncio.to_thread(lambda: lab.daemon.status()["in_captcha"]))
        begun, before = time.monotonic(), [cpu(lab.daemon.pid), cpu(lab.lab.pid), cpu(os.getpid())]
        await asyncio.wait([call.ended for call in calls], timeout=MOST_LISTENED)
        seconds = time.monotonic() - begun
        after = [cpu(lab.daemon.pid), cpu(lab.lab.pid), cpu(os.getpid())]
        shares = [100 * (b - a) / seconds for a, b in zip(before, after, strict=True)]
        return {"at_once": count, "in_captcha": inside, "seconds": seconds, **heard(calls), **by_process(shares)}
    finally:
        for call in calls:
            call.hang_up()
            call.close()


def by_process(shares: list[float]) -> dict[str, float]:
    return dict(zip(("daemon_percent", "asterisk_percent", "callers_percent"), shares, strict=True))


def heard(calls: list[Caller]) -> dict[str, float]:
    """All callers' audio together, and the worst of them."""
    streams: list[Reception] = [call.media.heard for call in calls]
    packets, lost = sum(s.count for s in streams), sum(s.lost for s in streams)
    gaps = sorted(1000 * s.gap(0.99) for s in streams)
    return {
        "packets": packets,
        "lost_percent": 100 * lost / max(1, packets + lost),
        "jitter_ms_worst": 1000 * max(s.jitter for s in streams),
        "gap_p99_ms": gaps[len(gaps) // 2],
        "worst_gap_p99_ms": gaps[-1],
        "longest_gap_ms": 1000 * max(s.gap() for s in streams),
    }


def cpu(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def show(report: Report, console: Console) -> None:
    columns = {
        "lost %": "lost_percent",
        "jitter ms": "jitter_ms_worst",
        "gap p99 ms": "gap_p99_ms",
        "worst p99": "worst_gap_p99_ms",
        "longest": "longest_gap_ms",
        "daemon %": "daemon_percent",
        "Asterisk %": "asterisk_percent",
        "callers %": "callers_percent",
    }
    heads = ("at once", "in the CAPTCHA", *columns)
    rows = [
        [str(row["at_once"]), str(row["in_captcha"]), *(f"{row[name]:,.2f}" for name in columns.values())]
        for row in report["rungs"]
    ]
    table("Callers in the CAPTCHA at once", heads, rows, console)


PART = Part("captcha_load", measure, show)
if __name__ == "__main__":
    sys.exit(PART.main())
