"""`agi-screen account token add|list|remove`: programs that use the API."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agi_screen.base.moments import moment
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import CLOCK, command_doer, shown, with_store
from agi_screen.settings import load
from agi_screen.web.access.tokens import add_token, all_tokens, remove_token
from agi_screen.web.route import Role

app = typer.Typer(no_args_is_help=True, help="Tokens by which programs use the API.")


class RoleChoice(StrEnum):
    """Each may do all that those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


Name = Annotated[str, typer.Argument(help="What the program is called.")]
RoleOption = Annotated[RoleChoice, typer.Option("--role", help="viewer sees, operator also changes, admin all.")]
Expires = Annotated[str, typer.Option(help="It ends after 90d, or on a date. Default: never.")]


@app.command()
def add(
    name: Name,
    role: RoleOption = RoleChoice.VIEWER,
    expires: Expires = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token and print it: this once, for only its hash is kept."""
    with or_exit_2():
        settings = load(config)
        until = moment(expires, ahead=True, now=CLOCK.wall()) if expires else 0.0
        given = Role[role.name]
        secret = with_store(settings, lambda store: add_token(store, command_doer(), name, given, until), create=True)
    typer.echo(json.dumps({"token": secret}) if as_json else secret)


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show all tokens, without themselves; --json prints one a line."""
    with or_exit_2():
        found = with_store(load(config), all_tokens, create=False)
    if as_json:
        for one in found:
            said = {"name": one.name, "role": str(one.role), "made_by": one.made_by}
            typer.echo(json.dumps({**said, "made": one.made, "expires": one.expires, "used": one.used}))
        return
    table = Table("token", "role", "made", "by", "expires", "last used")
    for one in found:
        ends, used = (shown(at) if at else "never" for at in (one.expires, one.used))
        table.add_row(one.name, str(one.role), shown(one.made), one.made_by, ends, used)
    Console().print(table)


@app.command()
def remove(name: Name, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Revoke a token."""
    with or_exit_2():
        with_store(load(config), lambda store: remove_token(store, command_doer(), name), create=False)
    typer.echo(json.dumps({"removed": name}) if as_json else f"revoked {name}")
