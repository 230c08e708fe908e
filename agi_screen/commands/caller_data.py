"""`agi-screen forget` and `agi-screen export-caller`: what a person may ask of who keeps their number."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from agi_screen.base.errors import AgiScreenError
from agi_screen.commands.control import ask, running
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import command_doer, with_store
from agi_screen.forgetting import Wish, export_person, forget_person, found_person
from agi_screen.settings import load

Number = Annotated[str, typer.Argument(help="The caller's number, such as +14155552671.")]
WithLists = Annotated[bool, typer.Option("--lists", help="Also the number's own entries on allow, deny and suspect.")]
WithReports = Annotated[bool, typer.Option("--reports", help="Also the desk's reports and packs that name the number.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Output = Annotated[str, typer.Option("--output", "-o", help="A folder, in which caller.json is written; - for stdout.")]


def forget(
    number: Number,
    lists: WithLists = False,
    reports: WithReports = False,
    yes: Yes = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase all that is kept about one caller, in the database, in the running daemon, and with --reports on disk."""
    with or_exit_2():
        settings = load(config)
        person = found_person(settings, number)
        if not yes and sys.stdin.isatty():
            typer.confirm(f"Erase all that is kept about {number}? There is no way back", abort=True, err=True)
        doer = command_doer()
        if running(settings.control_socket):
            request = {"do": "forget", "number": number, "lists": lists, "reports": reports, "who": doer.who}
            found = ask(settings.control_socket, request)
        else:
            wish = Wish(lists, reports)
            work = lambda store: forget_person(settings, store, person, wish, doer, None)  # noqa: E731
            found = with_store(settings, work, create=False)
    if as_json:
        typer.echo(json.dumps({key: value for key, value in found.items() if key != "ok"}))
    else:
        _say(found)


def _say(found: dict[str, Any]) -> None:
    for part in ("rows", "memory"):
        told = ", ".join(f"{name} {count}" for name, count in found[part].items() if count)
        typer.echo(f"{part}: {told or 'nothing'}")
    for name in found["removed"]:
        typer.echo(f"removed: {name}")
    for name in found["left"]:
        typer.echo(f"still names the caller: {name}")
    for remark in found["remarks"]:
        typer.echo(remark)
    typer.echo(
        "Not ours to erase: backups, Asterisk's own records (CDR, logs), the system's journal, files made elsewhere."
    )


def export_caller(
    number: Number, output: Output = "-", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Write all that is kept about one caller as JSON, with what each field means."""
    del as_json  # it is JSON anyway
    with or_exit_2():
        settings = load(config)
        person = found_person(settings, number)
        live = running(settings.control_socket)
        memory = ask(settings.control_socket, {"do": "export", "number": number})["memory"] if live else {}
        found = with_store(settings, lambda store: export_person(settings, store, person, None), create=False)
        found["memory"] = memory
        text = json.dumps(found, indent=2, ensure_ascii=False)
        if output == "-":
            typer.echo(text)
            return
        path = Path(output) / "caller.json"
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            raise AgiScreenError(f"--output {output}: cannot be written: {error.strerror or error}") from error
    typer.echo(str(path))
