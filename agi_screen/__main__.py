"""The command line: `agi-screen COMMAND`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import typer

PLACES = {
    "serve": "serve.serve",
    "check": "check.check",
    "explain": "explain.explain",
    "calls": "calls.calls",
    "reload": "reload.reload",
    "restart": "reload.restart",
    "status": "reload.status",
    "doctor": "doctor.doctor",
    "level": "level.level",
    "top": "top.top",
    "list": "lists.app",
    "account": "accounts.app",
    "audit": "audit.audit",
    "store": "store.app",
    "privacy": "privacy.app",
    "forget": "caller_data.forget",
    "export-caller": "caller_data.export_caller",
    "investigate": "investigate.investigate",
    "replay": "replay.replay",
    "tune": "tune.tune",
    "simulate": "simulate.simulate",
}


def app(words: Sequence[str] = ()) -> typer.Typer:
    """The command that `words` begin with; else all, for their help. A daemon must not wait for what the tables of
    other commands are made of: calls come meanwhile."""
    made = typer.Typer(
        help="Screens calls for Asterisk: people get through, robots don't.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )
    made.callback()(lambda: None)  # one command alone must still be named
    for name in words[:1] if words and words[0] in PLACES else PLACES:
        module, _, attribute = PLACES[name].partition(".")
        found = getattr(importlib.import_module(f"agi_screen.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            made.add_typer(found, name=name)
        else:
            made.command(name)(found)
    return made


def main() -> None:
    """The entry point of `agi-screen`."""
    app(sys.argv[1:])()


if __name__ == "__main__":
    main()
