"""What `agi-screen list` prints: the effect of a change, and the table."""

from __future__ import annotations

import json
from collections.abc import Iterable

import typer
from rich.table import Table
from rich.text import Text

from agi_screen.base.records import ListEntry
from agi_screen.base.text import escape
from agi_screen.commands.control import tell
from agi_screen.commands.with_store import CLOCK, shown
from agi_screen.settings import Settings

LISTS = {"do": "lists"}


def say(as_json: bool, settings: Settings, **what: object) -> None:
    """Tells the daemon of the change, and people of both."""
    when = tell(settings.control_socket, LISTS)
    if as_json:
        typer.echo(json.dumps({**what, "effect": when}))
        return
    typer.echo(f"{'; '.join(f'{key} {_said(value)}' for key, value in what.items())}: {when}")


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(escape, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{count} {key.replace('_', ' ')}" for key, count in value.items()) or "none"
    return escape(str(value))


def table(entries: Iterable[ListEntry]) -> Table:
    """For people at a terminal."""
    made = Table("list", "entry", "reason", "source", "added", "expires")
    now = CLOCK.wall()
    for e in entries:
        expires = shown(e.expires) if e.expires else "never"
        gone = " (expired)" if e.expires and e.expires <= now else ""
        cells = (e.list.value, e.value, e.reason, e.source, shown(e.added), expires + gone)
        made.add_row(*(Text(escape(cell)) for cell in cells))
    return made
