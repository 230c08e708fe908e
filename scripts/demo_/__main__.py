"""Runs the demo; exit code 0 when everything came as it should, 1 when not, 2 when it could not run, 130 at Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from rich.console import Console
from rich.live import Live

from scripts.demo_.board import Board
from scripts.demo_.cast import DENIED, GUESSER, HAMMER, MOST_NUMBERS, NORMAL, PERSON, SILENT, crowd
from scripts.demo_.checks import checks
from scripts.demo_.delay import Delays, measure
from scripts.demo_.report import as_json, summary, what_to_try
from scripts.demo_.sipp import NoSippError, sipp_program
from scripts.demo_.stage import Stage, stage
from scripts.demo_.story import play
from scripts.demo_.view import view
from tests.asterisk.lab import LabError
from tests.asterisk.tree import NoAsteriskError

BUSIEST_DESK_SECONDS = 8


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description="Real calls, screened: people and robots.")
    parser.add_argument("--keep", action="store_true", help="leave all running until Ctrl-C, and say what to try")
    parser.add_argument("--calls-per-second", type=float, default=2.0, help="normal calls behind the story (2)")
    parser.add_argument("--duration", type=float, default=30.0, help="seconds of normal calls (30)")
    parser.add_argument("--pairs", type=int, default=300, help="calls of each kind to measure set-up time with (300)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON, and nothing else on stdout")
    asked = parser.parse_args()
    if asked.calls_per_second <= 0 or asked.duration <= 0 or asked.pairs < 0 or asked.pairs == 1:
        parser.error("--calls-per-second and --duration must be above 0, --pairs 0 or at least 2")
    if asked.calls_per_second * asked.duration > MOST_NUMBERS:
        parser.error(f"at most {MOST_NUMBERS} normal calls: each comes from a number of its own")
    return asked


async def story(asked: argparse.Namespace, board: Board, running: Stage, console: Console) -> None:
    """The calls, with their live table."""
    with Live(view(board), console=console, auto_refresh=False, transient=asked.json) as live:
        await play(running, board, lambda: live.update(view(board), refresh=not asked.json))
    console.print()


async def measured(asked: argparse.Namespace, running: Stage, console: Console) -> Delays | None:
    """The calls that are only timed, when the others are over."""
    if not asked.pairs:
        return None
    console.print(f"Measuring the set-up time of {asked.pairs} screened and {asked.pairs} unscreened calls …")
    return await measure(running.lab.ports.sip, asked.pairs)


async def demo(asked: argparse.Namespace) -> int:
    """Everything, from boot to clean-up."""
    console = Console(stderr=asked.json)
    parts = [NORMAL, HAMMER, SILENT, GUESSER, PERSON, DENIED, crowd(asked.calls_per_second, asked.duration)]
    operators = 50 + round(asked.calls_per_second * BUSIEST_DESK_SECONDS)
    async with stage(operators, console) as running:
        board = Board(parts, running.desk)
        running.ami.listeners.append(board.listen)
        await story(asked, board, running, console)
        recorded = await running.recorded(board.calls)
        running.ami.listeners.remove(board.listen)  # the measured calls are no part of the story
        delays = await measured(asked, running, console)
        found = checks(board, delays, recorded)
        if asked.json:
            print(as_json(board, delays, found), flush=True)
        else:
            summary(board, delays, found, console)
        if asked.keep:
            what_to_try(running, console)
            await asyncio.Event().wait()
    return 0 if all(check.met for check in found) else 1


async def until_told() -> int:
    """SIGTERM and a closed terminal end it as cleanly as Ctrl-C does."""
    task = asyncio.create_task(demo(arguments()))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        print("stopped; everything is cleaned up", file=sys.stderr)
        return 130


def main() -> int:
    try:
        sipp_program()
        return asyncio.run(until_told())
    except (NoSippError, NoAsteriskError, LabError, AssertionError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
