"""`agi-screen check`: all that is wrong in the configuration, at once."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from agi_screen.base.errors import ConfigError
from agi_screen.commands.options import ConfigOption, JsonOption
from agi_screen.settings import load


def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the configuration: every error with file, line, key, value and mend. Exit code 2 when there is one."""
    try:
        settings = load(config)
    except ConfigError as error:
        if as_json:
            typer.echo(json.dumps({"ok": False, "problems": [asdict(p) for p in error.problems]}))
        else:
            typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    signals = [signal.name for signal in settings.signals]
    if as_json:
        typer.echo(json.dumps({"ok": True, "path": str(settings.path), "signals": signals}))
    else:
        typer.echo(f"{settings.path}: good; mode {settings.config.mode}; signals: {', '.join(signals)}")
