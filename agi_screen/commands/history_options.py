"""What `replay` and `tune` share: the file of history, its time zone, the lists, and a bar while they work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from agi_screen.base.errors import Problem
from agi_screen.base.text import escape
from agi_screen.commands.with_store import with_store
from agi_screen.judge.lists import Lists
from agi_screen.settings import Settings
from agi_screen.what_if.replay.past import MOST_SHOWN, HistoryError, Past

File = Annotated[Path, typer.Argument(help="Asterisk's Master.csv, or the database of agi-screen.")]
Zone = Annotated[
    str,
    typer.Option("--timezone", help="Zone of a Master.csv's times: America/Chicago, or UTC. Default: this machine's."),
]
Contexts = Annotated[
    list[str] | None, typer.Option("--context", help="Only calls into this dialplan context; may be repeated.")
]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Pass over bad lines and report them. Default: stop.")]
UseLists = Annotated[bool, typer.Option("--lists/--no-lists", help="Use the lists of the configured database.")]
PageFile = Annotated[Path | None, typer.Option("--page", help="Write a page of plots here: one HTML file.")]


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of this name; None for the machine's. Raises HistoryError."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        mend = "name a zone such as America/Chicago, Europe/Berlin or UTC"
        raise HistoryError(f'--timezone "{escape(name)}": there is no such zone; {mend}') from error


def lists_of(settings: Settings, start: float, *, wanted: bool) -> tuple[Lists | None, str]:
    """The lists to judge with, and what to say of them. Raises StoreError."""
    if not wanted:
        return None, "Without lists (--no-lists)."
    if not settings.store_made:
        return None, f"Without lists: there is no database {settings.place}."
    groups = with_store(settings, lambda store: store.entry_groups(), create=False)
    count = sum(len(group.values) for group in groups)
    return Lists.build_groups(groups, start), f"With the {count:,} list entries of {settings.place}, as they are now."


def tell_bad(past: Past) -> None:
    """What was passed over, on stderr."""
    shown: tuple[Problem, ...] = past.problems[:MOST_SHOWN]
    for problem in shown:
        typer.echo(str(problem), err=True)
    if past.bad > len(shown):
        typer.echo(f"… and {past.bad - len(shown):,} more", err=True)


def write_page(path: Path, html: str) -> None:
    """Raises HistoryError."""
    try:
        path.write_text(html, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise HistoryError(f"{path}: --page: cannot be written: {error.strerror or error}") from error


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar
