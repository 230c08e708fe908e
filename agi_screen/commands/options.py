"""What every command shares: the configuration option, and errors as one clear message with exit code 2."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from agi_screen.base.errors import AgiScreenError

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The TOML file. Default: agi-screen.toml here, else in /etc/agi-screen/."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@contextlib.contextmanager
def or_exit_2() -> Iterator[None]:
    """Turns an error meant for people into its message and exit code 2."""
    try:
        yield
    except AgiScreenError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
