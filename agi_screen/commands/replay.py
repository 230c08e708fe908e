"""`agi-screen replay FILE`: what this or another configuration would have done with the calls that really came."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from agi_screen.base.text import escape
from agi_screen.commands.history_options import (
    Contexts,
    File,
    PageFile,
    SkipBad,
    UseLists,
    Zone,
    lists_of,
    progress,
    tell_bad,
    write_page,
    zone_of,
)
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.settings import load
from agi_screen.what_if.replay.history import read_past
from agi_screen.what_if.replay.output import Output
from agi_screen.what_if.replay.past import Past, PastCall
from agi_screen.what_if.replay.pictures import page as page_of
from agi_screen.what_if.replay.report import Change, Changes, Judged, Replayed, judged
from agi_screen.what_if.replay.run import Run, without_gc

Against = Annotated[Path | None, typer.Option(help="Another configuration: who would be judged differently.")]
OutFile = Annotated[Path | None, typer.Option("--output", "-o", help="Write a row a call here: CSV.")]

STEP = 2048  # calls between two looks at the progress bar
COLOURS = {"allow": "green", "challenge": "yellow", "reject": "red", "divert": "magenta"}


def replay(
    file: File,
    config: ConfigOption = None,
    against: Against = None,
    output: OutFile = None,
    page: PageFile = None,
    timezone: Zone = "",
    context: Contexts = None,
    lists: UseLists = True,
    skip_bad: SkipBad = False,
    as_json: JsonOption = False,
) -> None:
    """Put the calls of FILE before the judge again, in their order: what would it have said?

    Each call is judged with what was known when it came: how it ended is told to the judge at its end, not before.
    Nothing is stored and no running daemon is asked. `mode = "monitor"` is judged as if it were "enforce".
    """
    with or_exit_2(), without_gc():
        settings = load(config)
        other = load(against) if against is not None else None
        zone = zone_of(timezone)
        begun = time.perf_counter()
        with progress() as bar:
            task = bar.add_task("reading", total=file.stat().st_size if file.is_file() else None)
            contexts = frozenset(context or ())
            past = read_past(file, zone, contexts, skip_bad=skip_bad, read=lambda n: bar.advance(task, n))
            bar.remove_task(task)
            read = time.perf_counter()
            entries, said = lists_of(settings, past.calls[0].start, wanted=lists)
            runs = [Run(one, past.calls[0].start, entries) for one in (settings, other) if one is not None]
            changes = Work(past.calls, runs, bar).done(output, file)
        times = (read - begun, time.perf_counter() - read)
        found = _found(file, past, said, runs, changes, times)
        if page is not None:
            write_page(page, page_of(found, runs[0], zone))
    tell_bad(past)
    if as_json:
        typer.echo(json.dumps(found.as_json()))
    else:
        _show(found)


@dataclass(frozen=True, slots=True)
class Work:
    """All calls through one or two judges."""

    calls: list[PastCall]
    runs: list[Run]
    bar: Progress

    def done(self, output: Path | None, source: Path) -> Changes:
        """Who is judged differently; writes OUT on the way."""
        changes = Changes()
        now, other = self.runs[0].take, self.runs[-1].take
        task = self.bar.add_task("judging", total=len(self.calls))
        with Output(output, source) if output is not None else nullcontext() as out:
            for begin in range(0, len(self.calls), STEP):
                for call in self.calls[begin : begin + STEP]:
                    decision = now(call)
                    if out is not None:
                        out.add(call, decision)
                    if now != other:
                        another = other(call)
                        if another.verdict is not decision.verdict:
                            changes.add(call, decision, another)
                self.bar.update(task, completed=begin + STEP)
        return changes


def _found(
    file: Path, past: Past, said: str, runs: list[Run], changes: Changes, times: tuple[float, float]
) -> Replayed:
    found = list(map(judged, runs))
    first, last = past.calls[0].said, past.calls[-1].said
    return Replayed(
        *(str(file), past.source.value, len(past.calls), first, last, *times, past.bad, said, past.notes, found[0]),
        against=found[1] if len(found) > 1 else None,
        changes=changes.found(),
    )


def _show(found: Replayed) -> None:
    console = Console()
    console.print(
        Text(f"{found.calls:,} calls, {escape(found.first)} to {escape(found.last)}, by {found.judged.config}")
    )
    for note in (*found.notes, found.lists):
        console.print(Text(escape(note)), style="dim")
    console.print(_verdicts(found))
    console.print(_signals(found.judged))
    if found.against is not None:
        console.print(_changes(found.changes))
    seconds = found.read_seconds + found.judge_seconds
    console.print(
        f"{found.calls_per_second:,.0f} calls/s: {seconds:.1f} s, of which {found.read_seconds:.1f} s for reading",
        highlight=False,
    )


def _verdicts(found: Replayed) -> Table:
    table = Table("verdict", *(["calls", "share"] * (2 if found.against else 1)))
    sides = [found.judged, *([found.against] if found.against else [])]
    for verdict in dict.fromkeys(name for side in sides for name in side.verdicts):
        cells = [side.verdicts.get(verdict) for side in sides]
        shown = [text for cell in cells for text in ((f"{cell.calls:,}", f"{cell.share:.2%}") if cell else ("0", ""))]
        table.add_row(Text(verdict, COLOURS.get(verdict, "")), *shown)
    return table


def _signals(one: Judged) -> Table:
    table = Table("signal", "calls", "mean points", "mean score", "stopped only because of it")
    for s in one.signals:
        if s.calls:
            table.add_row(
                s.signal, f"{s.calls:,}", f"{s.mean_points:.2f}", f"{s.mean_score:.2f}", f"{s.only_because:,}"
            )
    return table


def _changes(changes: tuple[Change, ...]) -> Table:
    table = Table("change", "calls", "most changed", "score", "reasons")
    for change in changes:
        head = (f"{change.was} → {change.becomes}", f"{change.calls:,}")
        for number, e in enumerate(change.examples):
            scores = f"{e.score:.2f} → {e.other_score:.2f}"
            why = escape(f"{e.reasons or '-'} → {e.other_reasons or '-'}")
            table.add_row(*(head if number == 0 else ("", "")), Text(escape(f"{e.src} {e.start}")), scores, Text(why))
    return table
