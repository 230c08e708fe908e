"""What `agi-screen list` prints: the effect of a change, the table, and CSV that can be imported again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

import typer
from rich.table import Table
from rich.text import Text

from agi_screen.base.records import ListEntry
from agi_screen.base.text import escape, one_line
from agi_screen.commands.control import tell
from agi_screen.commands.with_store import CLOCK, shown
from agi_screen.settings import Settings

LISTS = {"do": "lists"}
HEADINGS = ("number", "reason", "expires", "list", "source", "added")


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


def write_csv(file: TextIO, entries: Iterable[ListEntry]) -> None:
    """One entry a row; `list import` reads it."""
    writer = csv.writer(file)
    writer.writerow(HEADINGS)
    for e in entries:
        texts = (_harmless(e.reason), _iso(e.expires) if e.expires else "", e.list.value, _harmless(e.source))
        writer.writerow((e.value, *texts, _iso(e.added)))


def _harmless(text: str) -> str:
    """A spreadsheet takes what begins so for a formula; what an entry matches is checked, and cannot be one."""
    text = one_line(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
