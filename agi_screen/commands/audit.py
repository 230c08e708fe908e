"""`agi-screen audit`: who changed what, at the desk and by commands."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agi_screen.base.store_audit import read_audit
from agi_screen.base.text import escape
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import shown, with_store
from agi_screen.settings import load

Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many.")]


def audit(limit: Limit = 100, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the audit log of the operations desk, newest first; --json prints one line each."""
    with or_exit_2():
        found = with_store(load(config), lambda store: read_audit(store, limit=limit), create=False)
    if as_json:
        for line in found:
            typer.echo(json.dumps(line._asdict()))
        return
    table = Table("at", "who", "from", "what", "before", "after")
    for line in found:
        texts = (line.who, line.address, line.what, line.before, line.after)
        table.add_row(shown(line.at), *map(escape, texts))
    Console(markup=False).print(table)
