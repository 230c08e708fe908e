"""`agi-screen list import`: a whole file on a list, in one step; nightly, in place of the last night's."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from agi_screen.base.errors import Problem
from agi_screen.base.list_file import FileError, ListFileError, Row, lines_of, read_rows
from agi_screen.base.list_gather import Gathered
from agi_screen.base.moments import moment
from agi_screen.base.records import ListName, MatchKind
from agi_screen.base.units import parse_duration
from agi_screen.commands.complaint_file import FORMATS, ComplaintFormat, Complaints, recognised
from agi_screen.commands.list_changes import add_groups, entry_maker
from agi_screen.commands.list_output import say
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import CLOCK
from agi_screen.settings import Settings, load

SECONDS_A_DAY = 86400.0
COMPLAINTS_END = "90d"


class FileFormat(StrEnum):
    """How the file is written; `auto` looks at its headings."""

    AUTO = "auto"
    PLAIN = "plain"
    CSV = "csv"
    FTC = "ftc"
    FCC = "fcc"


File = Annotated[Path, typer.Argument(help="One entry a line; CSV: number, reason, expires; or a list of complaints.")]
NameOption = Annotated[
    ListName | None, typer.Option("--list", help="Which list. Default for complaints: suspect; else it must be said.")
]
Format = Annotated[FileFormat, typer.Option("--format", help="Default: by the headings.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever reads the list later.")]
Expires = Annotated[
    str,
    typer.Option(help="Forget it after 7d, 12h, or on a date. Default: never; complaints: 90d after the last one."),
]
Least = Annotated[int, typer.Option("--complaints", min=1, help="Take numbers with at least so many complaints.")]
Since = Annotated[str, typer.Option(help="Count complaints of the last 30d, or since a date. Default: 90d.")]
Source = Annotated[str, typer.Option(help="Where it comes from, as `list show` tells it. Default: the file's name.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="What is on the lists from the same source goes, in the same step.")
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Import the good lines, report the others.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options, as given."""

    file: Path
    name: ListName | None
    format: FileFormat
    reason: str
    expires: str
    least: int
    since: str
    source: str
    replace: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What a file gave: its entries, bad lines, and what else is to be said of it."""

    gathered: Gathered
    source: str
    bad: list[Problem] = field(default_factory=list)
    said: dict[str, object] = field(default_factory=dict)


def import_(
    file: File,
    name: NameOption = None,
    format_: Format = FileFormat.AUTO,
    reason: Reason = "",
    expires: Expires = "",
    least: Least = 3,
    since: Since = COMPLAINTS_END,
    source: Source = "",
    replace: Replace = False,
    skip_bad: SkipBad = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a whole file on a list: all of it or, when a line is bad, nothing.

    A night's job: `list import numbers.csv --list deny --source partner --replace`. Numbers that are no longer in the
    file go, and what you or others put on the list yourselves stays as it is. The daemon sees the old list or the new.

    The public complaint files of the FTC ("Do Not Call Reported Calls Data") and the FCC ("Consumer Complaints Data -
    Unwanted Calls") are known by their headings. Callers on `suspect` are challenged, never rejected for it: numbers
    in complaints are often forged, and belong to people.
    """
    wanted = Wanted(file, name, format_, reason, expires, least, since, source, replace)
    with or_exit_2(), _progress() as bar:
        settings = load(config)
        made = _read(settings, wanted, bar)
        if made.bad and not skip_bad:
            raise ListFileError(made.bad)
        for problem in made.bad:
            typer.echo(str(problem), err=True)
        written = _write(settings, made, wanted, bar)
        said: dict[str, object] = {"imported": written, "bad": len(made.bad), **made.said}
        if replace:
            said["left_to_others"] = len(made.gathered) - written
        say(as_json, settings, **said)


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    """Bars on a terminal, for as long as the work takes."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar


def _read(settings: Settings, wanted: Wanted, bar: Progress) -> Made:
    task = bar.add_task(f"reading {wanted.file.name}", total=_size(wanted.file))
    rows = read_rows(wanted.file, lambda size: bar.advance(task, size))
    kind: ComplaintFormat | None = None
    if wanted.format is FileFormat.AUTO:
        head = next(rows, None)
        kind = recognised(head.cells) if head else None
        rows = itertools.chain([head] if head else [], rows)
    else:
        kind = next((f for f in FORMATS if f.name == wanted.format), None)
    made = _complaints(settings, wanted, kind, rows) if kind else _entries(settings, wanted, rows)
    bar.remove_task(task)
    return made


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size or None  # a pipe has none
    except OSError:
        return None  # said by who opens it


def _entries(settings: Settings, wanted: Wanted, rows: Iterator[Row]) -> Made:
    if wanted.name is None:
        raise FileError("--list: say which list these entries go on: allow, deny or suspect")
    source = wanted.source or f"import {wanted.file.name}"
    maker = entry_maker(settings, wanted.name, source, wanted.reason, wanted.expires)
    bad = maker.take_all(str(wanted.file), lines_of(rows))
    return Made(maker.gathered, source, bad)


def _complaints(settings: Settings, wanted: Wanted, kind: ComplaintFormat, rows: Iterator[Row]) -> Made:
    now = CLOCK.wall()
    source = wanted.source or f"import {wanted.file.name} ({kind.name})"
    plan = settings.plan(100_000)
    since = _day(moment(wanted.since, ahead=False, now=now))
    complaints = Complaints(kind, plan, since, _day(now))
    complaints.read(wanted.file, rows)
    gathered = Gathered(wanted.name or ListName.SUSPECT, source, now)
    until = _Until(wanted.expires or COMPLAINTS_END)
    why = f"{wanted.reason}: " if wanted.reason else ""
    for number, (count, last) in complaints.numbers(wanted.least):
        expires = until(last)
        if expires > now:
            words = f"{why}{count} complaint{'s' if count > 1 else ''}, last {date.fromordinal(last)}"
            gathered.put(MatchKind.NUMBER, plan.written(number).known_as, words, expires)
    said = {"format": kind.name, "complaints": complaints.counted, "passed_over": dict(complaints.passed)}
    return Made(gathered, source, said=said)


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


class _Until:
    """When an entry ends whose last complaint is of a day: a duration counts from that day, a date stands."""

    def __init__(self, expires: str) -> None:
        try:
            self._after: float | None = parse_duration(expires)
        except ValueError:
            self._after = None
            self._on = moment(expires, ahead=True, now=0.0)

    def __call__(self, last: int) -> float:
        if self._after is None:
            return self._on
        return (last + 1 - date(1970, 1, 1).toordinal()) * SECONDS_A_DAY + self._after


def _write(settings: Settings, made: Made, wanted: Wanted, bar: Progress) -> int:
    if wanted.replace and not len(made.gathered):
        mend = f"to empty the list of it on purpose: agi-screen list remove --source {made.source!r}"
        raise FileError(f"{wanted.file}: gives no entry, and would replace all that came from its source: {mend}")
    task: TaskID = bar.add_task("writing", total=len(made.gathered))
    replaced = made.source if wanted.replace else None
    written = add_groups(
        settings, made.gathered.groups(), replaced=replaced, progress=lambda count: bar.advance(task, count)
    )
    bar.remove_task(task)
    bar.add_task("telling the daemon", total=None)
    return written
