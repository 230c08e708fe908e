"""`agi-screen list add|remove|show|import|export`: who is always let through, who never, and who is challenged."""

from __future__ import annotations

import getpass
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.list_csv import write_csv
from agi_screen.base.list_file import Line
from agi_screen.base.records import ListEntry, ListName
from agi_screen.base.store import Store
from agi_screen.base.text import escape
from agi_screen.commands.list_changes import add_groups, canonical, entry_maker
from agi_screen.commands.list_import import import_
from agi_screen.commands.list_output import say, table
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import with_store
from agi_screen.settings import Settings, load

app = typer.Typer(
    no_args_is_help=True, help="Who is always let through (allow), who never (deny), and who is challenged (suspect)."
)
app.command("import")(import_)

Name = Annotated[ListName, typer.Argument(help="Which list.")]
Values = Annotated[list[str], typer.Argument(help="+14155550100, a prefix +1415*, or a pattern _+1NXX555XXXX.")]
Removed = Annotated[ListName | None, typer.Argument(help="Which list.")]
RemovedValues = Annotated[list[str] | None, typer.Argument(help="Entries, as `show` names them.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever reads the list later.")]
Expires = Annotated[str, typer.Option(help="Forget it after 7d, 12h, or on a date. Default: never.")]
Source = Annotated[str, typer.Option("--source", help="Instead of entries: all that came from this source.")]
Show = Annotated[ListName | None, typer.Argument(help="Which list. Default: all.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many in the table.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file. Default: standard output.")]


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
        maker = entry_maker(settings, name, getpass.getuser())
        for value in values:
            maker.take(Line(0, value.strip(), reason, expires))
        add_groups(settings, maker.gathered.groups())
        say(as_json, settings, added=maker.gathered.values)


@app.command()
def remove(
    name: Removed = None,
    values: RemovedValues = None,
    source: Source = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take entries off a list, or all that came from one source. Exit code 1 when one was not there."""
    with or_exit_2():
        settings = load(config)
        if bool(source) is bool(name and values) or (source and name):
            raise AgiScreenError("say a list and its entries, or --source alone")
        if source:
            gone = with_store(settings, lambda store: store.remove_source(source), create=False)
            say(as_json, settings, removed=gone)
            return
        assert name is not None
        missing = _remove(settings, name, values or [], as_json)
    if missing:
        typer.echo(f"not on the {name} list: {', '.join(map(escape, missing))}", err=True)
        raise typer.Exit(1)


def _remove(settings: Settings, name: ListName, values: list[str], as_json: bool) -> list[str]:
    keys = [canonical(settings, name, value) for value in values]

    async def work(store: Store) -> list[str]:
        return [key for key in keys if not await store.remove_entry(name, key)]

    missing = with_store(settings, work, create=False)
    say(as_json, settings, removed=[key for key in keys if key not in missing])
    return missing


@app.command()
def show(name: Show = None, limit: Limit = 1000, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what is on the lists; --json prints one entry a line, all of them."""
    with or_exit_2():
        count, entries = _entries(load(config), name)
    if as_json:
        for entry in entries:
            typer.echo(json.dumps(asdict(entry)))
        return
    Console().print(table(itertools.islice(entries, limit)))
    if count > limit:
        typer.echo(f"{count - limit} more: raise --limit, or use --json")


@app.command()
def export(name: Name, output: Output = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Write a list as CSV, which `list import` reads again."""
    with or_exit_2():
        count, entries = _entries(load(config), name)
        if output is None:
            write_csv(sys.stdout, entries)
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                write_csv(file, entries)
        except OSError as error:
            raise AgiScreenError(f"{output}: cannot be written: {error}") from error
    typer.echo(json.dumps({"exported": count}) if as_json else f"exported {count}")


def _entries(settings: Settings, name: ListName | None) -> tuple[int, Iterator[ListEntry]]:
    """How many there are, and one after the other: millions of them are not held at once."""
    groups = with_store(settings, lambda store: store.entry_groups(), create=False)
    wanted = [group for group in groups if name in (None, group.head.list)]
    return sum(len(group.values) for group in wanted), (entry for group in wanted for entry in group.entries())
