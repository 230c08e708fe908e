"""`agi-screen store copy`: from the embedded file into the PostgreSQL database of `[store] url`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.store_copy import copy_into
from agi_screen.commands.history_options import progress
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import CLOCK, with_store
from agi_screen.settings import load

Source = Annotated[Path | None, typer.Option("--from", help="The file. Default: that of [store] path.")]

app = typer.Typer(help="Move records, lists and accounts to another database.", no_args_is_help=True)
app.callback()(lambda: None)  # one command alone must still be named


@app.command()
def copy(source: Source = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Copy an embedded file into the empty database of [store] url. All or nothing; stop the daemon first."""
    with or_exit_2():
        settings = load(config)
        if not settings.config.store.url:
            raise AgiScreenError(f"{settings.path}: store.url: is empty: name the database to copy into")
        file = source or settings.database
        with progress() as bar:
            task = bar.add_task("copying", total=None)
            copied = with_store(
                settings,
                lambda store: copy_into(store, file, CLOCK.wall(), lambda n: bar.advance(task, n)),
                create=True,
            )
    if as_json:
        typer.echo(json.dumps({"file": str(file), "place": str(settings.place), "copied": copied}))
        return
    said = ", ".join(f"{count:,} of {table}" for table, count in copied.items() if count)
    typer.echo(f"copied from {file} to {settings.place}: {said or 'nothing'}")
