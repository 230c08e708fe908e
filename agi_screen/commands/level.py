"""`agi-screen level`: the attack level in force, and a person's word on it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from agi_screen.base.text import escape
from agi_screen.commands.control import ask
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import person, shown
from agi_screen.settings import load


class Wanted(StrEnum):
    """What can be said."""

    NORMAL = "normal"
    ELEVATED = "elevated"
    SIEGE = "siege"
    AUTO = "auto"


Level = Annotated[Wanted | None, typer.Argument(help="Set it; auto gives it back to the arrivals. Default: show it.")]
For = Annotated[str, typer.Option("--for", help="For 30m or 2h, at most 30d. Default: until you say otherwise.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever sees the announcement.")]


def level(
    level: Level = None, for_: For = "", reason: Reason = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show the attack level, or set it by hand; a restart keeps it until its time ends.

    Each change is announced: in the log, as the AMI event AgiScreenLevel, and by [webhook].
    """
    with or_exit_2():
        order = {"level": level, "for": for_, "reason": reason, "who": person()} if level or for_ or reason else {}
        answer = ask(load(config).control_socket, {"do": "level", **order})
    if as_json:
        typer.echo(json.dumps(answer))
        return
    typer.echo(_told(answer))
    if answer["not_kept"]:
        typer.echo(f"a restart will not know of it: {escape(answer['not_kept'])}", err=True)


def _told(answer: dict[str, Any]) -> str:
    said = f"level {answer['level']} since {shown(answer['since'])}: {escape(answer['why'])} ({escape(answer['by'])})"
    override = answer["override"]
    if override is None:
        return said
    until = _until(override["until"])
    return f"{said}\nset by hand to {override['level']} {until} ({escape(override['by'])})"


def _until(seconds: float) -> str:
    if not seconds:
        return "until further notice"
    return f"until {datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
