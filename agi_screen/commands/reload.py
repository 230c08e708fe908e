"""`agi-screen reload`, `agi-screen restart` and `agi-screen status`: asks the running daemon."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table

from agi_screen.base.errors import AgiScreenError
from agi_screen.commands.control import ask
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.settings import load

RESTART_SECONDS = 75.0  # a successor loads lists and callers first


def reload(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make the running daemon read its configuration again. A bad file changes nothing, and exits with code 2."""
    with or_exit_2():
        answer = ask(load(config).control_socket, {"do": "reload"})
    if as_json:
        typer.echo(json.dumps(answer))
        return
    typer.echo(f"reloaded {answer['path']}")
    if answer["waiting_for_restart"]:
        typer.echo(f"in force only after `agi-screen restart`: {', '.join(answer['waiting_for_restart'])}")


def restart(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Replace the running daemon by a new process: no call finds the door closed, and what is known stays.

    Where the new one cannot start, the old one goes on: exit code 1, and why.
    """
    try:
        answer = ask(load(config).control_socket, {"do": "restart"}, RESTART_SECONDS)
    except AgiScreenError as error:
        _not_restarted(str(error), as_json)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(answer))
        return
    typer.echo(f"process {answer['was']} handed over to {answer['pid']}; calls waited {answer['held_seconds']:.3f} s")
    if answer["ending_here"]:
        typer.echo(f"calls under way that end in the old process: {answer['ending_here']}")


def _not_restarted(why: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"ok": False, "error": why}))
    else:
        typer.echo(why, err=True)


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
