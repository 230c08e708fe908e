"""A real Asterisk under rising load: plain dialplan, the same with a DB() deny-list, the same with `/screen`.
`python -m benchmarks.asterisk --out DIR`. Asterisk, the daemon and the callers share the machine's cores."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console

from benchmarks.load_programs import LoadError, program
from benchmarks.report import Goal, Part, Report, table
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.lab import Lab, LabOptions, free_port

PLAIN, DENY_LIST, SCREENED = "(a) plain", "(b) DB() deny-list", "(c) /screen"
NUMBERS = {PLAIN: "18005550201", DENY_LIST: "18005550202", SCREENED: "18005550203"}
SITE = """
[from-trunk]
exten => 18005550201,1,Answer()
 same => n,Hangup()
exten => 18005550202,1,Gosub(deny-list,s,1)
 same => n,Answer()
 same => n,Hangup()
exten => 18005550203,1,Gosub(agi-screen,s,1)
 same => n,Answer()
 same => n,Hangup()

[deny-list]
exten => s,1,GotoIf($["${CALLERID(num)}" = "unknown"]?withheld)
 same => n,GotoIf(${DB_EXISTS(blacklist/${CALLERID(num)})}?denied)
 same => n,GotoIf(${DB_EXISTS(blacklist/${CALLERID(num):0:6})}?denied)
 same => n,Set(CALLED_BLACKLIST=1)
 same => n,Return()
 same => n(withheld),GotoIf($["${DB(blacklist/blocked)}" = "1"]?denied)
 same => n,Return()
 same => n(denied),Hangup(21)
"""
DENIED = 10_000
RATES = (50, 100, 200, 300, 450, 600, 800, 1000)
QUICK_RATES = (50, 200)
OPEN_CALLS, AT_MOST = 16, 4000
REST_SECONDS = 0.5
# Asterisk keeps the transactions of a SIP call for 32 s (RFC 3261, timer J): those of the rounds at full load must not
# be let go of in the middle of the rounds at half of it.
LET_GO_SECONDS = 45.0
Row = dict[str, float]


def measure(quick: bool) -> Report:
    """The ladder of rates; what each kind takes at most, with so many calls open all the time; then rounds at half of
    what `/screen` takes. Kinds take turns, and a figure is the median of its rounds: the machine has its moods."""
    rates, seconds, rounds = (QUICK_RATES, 1.0, 1) if quick else (RATES, 1.5, 5)
    options = LabOptions(agi_port=free_port(socket.SOCK_STREAM), site=SITE, rtp_ports=16_000)
    lab = Lab(options)
    fill_deny_list(lab)
    with (
        tempfile.TemporaryDirectory(prefix="agi-screen-bench-") as folder,
        lab,
        DaemonProcess(lab, Path(folder)) as daemon,
    ):
        calls = Calls(lab)
        calls.every(20, 1.0)
        ladder = {rate: calls.every(rate, seconds) for rate in rates}
        full = [calls.every(AT_MOST, seconds, OPEN_CALLS) for _ in range(rounds)]
        most = {name: median(row["achieved"] for row in of(full, name)) for name in NUMBERS}
        half = max(10, round(most[SCREENED] / 2))
        time.sleep(0 if quick else LET_GO_SECONDS)
        halves = [calls.every(half, 2 * seconds) for _ in range(rounds)]
        recorded = daemon.query("SELECT count(*) FROM calls")[0][0]
    ratio = median(turn[SCREENED]["achieved"] / turn[DENY_LIST]["achieved"] for turn in full)
    at_half = {name: middle(of(halves, name)) for name in NUMBERS}
    added = {base: median(t[SCREENED]["p99"] - t[base]["p99"] for t in halves) for base in (PLAIN, DENY_LIST)}
    goals = [
        Goal("calls/s with /screen, times those with a deny-list", 0.85, ratio),
        Goal(f"ms that /screen adds to a deny-list's p99 at {half} calls/s", 5.0, added[DENY_LIST], at_most=True),
        Goal(f"ms that /screen adds to a plain p99 at {half} calls/s", 5.0, added[PLAIN], at_most=True),
    ]
    return {
        "asterisk": lab.install.version,
        "denied_numbers": DENIED,
        "ladder": {name: [{"rate": rate, **turn[name]} for rate, turn in ladder.items()] for name in NUMBERS},
        "most_calls_per_second": most,
        "half": half,
        "at_half": at_half,
        "screened_calls": calls.answered[SCREENED],
        "recorded": recorded,
        "goals": [goal.row() for goal in goals],
    }


class Calls:
    """The callers; each call comes from a number that never called before."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._first = 0
        self.answered = dict.fromkeys(NUMBERS, 0)

    def every(self, rate: int, seconds: float, *open_calls: int) -> dict[str, Row]:
        """One round of each kind, one kind after the other: at this rate, or with so many calls open all the time."""
        return {name: self._round(name, rate, seconds, *open_calls) for name in NUMBERS}

    def _round(self, name: str, rate: int, seconds: float, *open_calls: int) -> Row:
        words = (self._lab.ports.sip, NUMBERS[name], rate, seconds, self._first, *open_calls)
        done = subprocess.run([program("sip_load"), *map(str, words)], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise LoadError(f"the callers ended with {done.returncode}")
        found: dict[str, Any] = json.loads(done.stdout)
        self._first += found["placed"]
        self.answered[name] += found["answered"]
        sys.stderr.write(f"{name} at {'most' if open_calls else rate}/s: {done.stdout}")
        time.sleep(REST_SECONDS)  # what Asterisk still has to clear away must not burden the next kind
        unanswered = found["placed"] - found["answered"]
        achieved = found["answered"] / max(seconds, found["seconds"] - (1 / rate))
        keys = ("p50", "p90", "p99", "max", "resent")
        return {"achieved": achieved, "unanswered": unanswered, **{key: found[key] for key in keys}}


def of(turns: list[dict[str, Row]], name: str) -> list[Row]:
    return [turn[name] for turn in turns]


def middle(rows: list[Row]) -> Row:
    return {key: median(row[key] for row in rows) for key in rows[0]}


def fill_deny_list(lab: Lab) -> None:
    """Numbers that never call, as `database put` writes them, into the file Asterisk will find at its start."""
    file = lab.dir / "run/varlib/astdb.sqlite3"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [(f"/blacklist/44{7_000_000_000 + n}", "1") for n in range(DENIED)]
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE astdb (key VARCHAR(256), value VARCHAR(256), PRIMARY KEY (key))")
        connection.executemany("INSERT INTO astdb (key, value) VALUES (?, ?)", rows)


def show(report: Report, console: Console) -> None:
    heads = ("dialplan", "offered/s", "answered/s", "unanswered", "p50 ms", "p90 ms", "p99 ms", "max ms")
    rows = [_row(name, row) for name, ladder in report["ladder"].items() for row in ladder]
    table(f"{report['asterisk']}: INVITE to 200 at rising load", heads, rows, console)
    rows = [_row(name, {"rate": report["half"], **row}) for name, row in report["at_half"].items()]
    table("At half of the most that /screen took", heads, rows, console)
    most = ", ".join(f"{name} {calls:,.0f}" for name, calls in report["most_calls_per_second"].items())
    console.print(f"Most calls/s, {OPEN_CALLS} open all the time: {most}")
    console.print(f"Screened and answered {report['screened_calls']:,}, recorded {report['recorded']:,}")


def _row(name: str, row: Row) -> list[str]:
    counts = [f"{row[key]:,.0f}" for key in ("rate", "achieved", "unanswered")]
    return [name, *counts, *(f"{row[key]:,.2f}" for key in ("p50", "p90", "p99", "max"))]


PART = Part("asterisk", measure, show)

if __name__ == "__main__":
    sys.exit(PART.main())
