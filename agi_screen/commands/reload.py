"""`agi-screen reload` and `agi-screen status`: asks the running daemon."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table

from agi_screen.commands.control import ask
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.settings import load


def reload(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make the running daemon read its configuration again. A bad file changes nothing, and exits with code 2."""
    with or_exit_2():
        answer = ask(load(config).control_socket, {"do": "reload"})
    if as_json:
        typer.echo(json.dumps(answer))
        return
    typer.echo(f"reloaded {answer['path']}")
    if answer["waiting_for_restart"]:
        typer.echo(f"in force only after a restart: {', '.join(answer['waiting_for_restart'])}")


def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show how the running daemon is: mode, level, calls by verdict, AMI, records."""
    with or_exit_2():
        answer = ask(load(config).control_socket, {"do": "status"})
    if as_json:
        typer.echo(json.dumps(answer))
        return
    table = Table("what", "now", show_header=False)
    for key, value in answer.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(key.replace("_", " "), shown or "none")
    Console().print(table)
