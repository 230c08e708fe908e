"""What every command shares: the configuration option, and errors as one clear message with exit code 2."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agi_screen.base.errors import AgiScreenError


class ProgressForm(StrEnum):
    """How progress is told."""

    BAR = "bar"
    JSON = "json"


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The TOML file. Default: agi-screen.toml here, else in /etc/agi-screen/."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

ProgressOption = Annotated[
    ProgressForm, typer.Option("--progress", help="bar: on a terminal alone; json: a line for each step, on stderr.")
]


class ProgressLines:
    """How far a command is, for a program: `{"done": 3, "total": 20}` a line, at most one a per cent."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._said = -1
        self.advance(0)

    def advance(self, more: int) -> None:
        self._done += more
        part = 100 * self._done // self._total if self._total else 0
        if part != self._said:
            self._said = part
            typer.echo(json.dumps({"done": self._done, "total": self._total}), err=True)


@contextlib.contextmanager
def or_exit_2() -> Iterator[None]:
    """Turns an error meant for people into its message and exit code 2."""
    try:
        yield
    except AgiScreenError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
