"""The command line: `agi-screen COMMAND`."""

from __future__ import annotations

import typer

from agi_screen.commands import calls, check, explain, lists, reload, serve

app = typer.Typer(
    help="Screens calls for Asterisk: people get through, robots don't.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command()(serve.serve)
app.command()(check.check)
app.command()(explain.explain)
app.command()(calls.calls)
app.command()(reload.reload)
app.command()(reload.status)
app.add_typer(lists.app, name="list")


def main() -> None:
    """The entry point of `agi-screen`."""
    app()


if __name__ == "__main__":
    main()
