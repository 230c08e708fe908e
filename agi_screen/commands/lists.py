"""`agi-screen list add|remove|show|import`: who is always let through, and who never."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from agi_screen.base.records import ListEntry, ListName
from agi_screen.base.store import Store
from agi_screen.base.text import escape
from agi_screen.commands.control import tell
from agi_screen.commands.list_changes import EntryMaker, add_entries, canonical
from agi_screen.commands.list_file import Line, ListFileError, read_entries, read_lines
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import CLOCK, shown, with_store
from agi_screen.settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="Who is always let through (allow), and who never (deny).")

Name = Annotated[ListName, typer.Argument(help="Which list.")]
NameOption = Annotated[ListName, typer.Option("--list", help="Which list.")]
Values = Annotated[list[str], typer.Argument(help="+14155550100, a prefix +1415*, or a pattern _+1NXX555XXXX.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever reads the list later.")]
Expires = Annotated[str, typer.Option(help="Forget it after 7d, 12h, or on a date. Default: never.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Import the good lines, report the others.")]
File = Annotated[Path, typer.Argument(help="One entry a line, or CSV: number, reason, expires.")]
Show = Annotated[ListName | None, typer.Argument(help="Which list. Default: both.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many in the table.")]
LISTS = {"do": "lists"}


@app.command()
def add(
    name: Name,
    values: Values,
    reason: Reason = "",
    expires: Expires = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put numbers, prefixes or patterns on a list; what is there already is replaced."""
    with or_exit_2():
        settings = load(config)
        lines = [Line(0, value, reason, expires) for value in values]
        entries = list(map(EntryMaker(settings, name, getpass.getuser()), lines))
        add_entries(settings, entries)
        _say(as_json, settings, added=[entry.value for entry in entries])


@app.command()
def remove(name: Name, values: Values, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Take entries off a list. Exit code 1 when one was not there."""
    with or_exit_2():
        settings = load(config)
        keys = [canonical(settings, name, value) for value in values]

        async def work(store: Store) -> list[str]:
            return [key for key in keys if not await store.remove_entry(name, key)]

        missing = with_store(settings, work, create=False)
        _say(as_json, settings, removed=[key for key in keys if key not in missing])
    if missing:
        typer.echo(f"not on the {name} list: {', '.join(map(escape, missing))}", err=True)
        raise typer.Exit(1)


@app.command()
def show(name: Show = None, limit: Limit = 1000, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what is on the lists; --json prints one entry a line, all of them."""
    with or_exit_2():
        settings = load(config)
        entries = with_store(settings, lambda store: store.entries(), create=False)
    wanted = [entry for entry in entries if name in (None, entry.list)]
    if as_json:
        for entry in wanted:
            typer.echo(json.dumps(asdict(entry)))
        return
    Console().print(_table(wanted[:limit]))
    if len(wanted) > limit:
        typer.echo(f"{len(wanted) - limit} more: raise --limit, or use --json")


@app.command("import")
def import_(
    file: File,
    name: NameOption,
    reason: Reason = "",
    expires: Expires = "",
    skip_bad: SkipBad = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a whole file on a list: all of it or, when a line is bad, nothing."""
    with or_exit_2():
        settings = load(config)
        bar = Console(stderr=True)
        lines = track(read_lines(file), "reading", console=bar, transient=True, disable=not bar.is_terminal)
        make = EntryMaker(settings, name, f"import {file.name}", reason, expires)
        entries, bad = read_entries(file, lines, make)
        if bad and not skip_bad:
            raise ListFileError(bad)
        for problem in bad:
            typer.echo(str(problem), err=True)
        add_entries(settings, entries)
        _say(as_json, settings, imported=len(entries), bad=len(bad))


def _say(as_json: bool, settings: Settings, **what: object) -> None:
    when = tell(settings.control_socket, LISTS)
    if as_json:
        typer.echo(json.dumps({**what, "effect": when}))
        return
    values = (f"{key} {', '.join(map(escape, v)) or 'none' if isinstance(v, list) else v}" for key, v in what.items())
    typer.echo(f"{'; '.join(values)}: {when}")


def _table(entries: Sequence[ListEntry]) -> Table:
    table = Table("list", "entry", "reason", "source", "added", "expires")
    now = CLOCK.wall()
    for e in entries:
        expires = shown(e.expires) if e.expires else "never"
        gone = " (expired)" if e.expires and e.expires <= now else ""
        cells = (e.list.value, e.value, e.reason, e.source, shown(e.added), expires + gone)
        table.add_row(*(Text(escape(cell)) for cell in cells))
    return table
