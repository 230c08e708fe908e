"""`agi-screen account add|list|remove|password|role|setup-link|token`: who may use the operations desk."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer
from agi_screen.commands.control import ControlError, ask
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.tokens import RoleChoice
from agi_screen.commands.tokens import app as tokens
from agi_screen.commands.with_store import CLOCK, command_doer, shown, with_store
from agi_screen.settings import Settings, load
from agi_screen.web.access import accounts
from agi_screen.web.access.passwords import Passwords, check_password
from agi_screen.web.access.setup import offer
from agi_screen.web.origin import desk_url
from agi_screen.web.route import Role

app = typer.Typer(
    no_args_is_help=True,
    help="Who may use the operations desk. A running daemon takes each change within a second.",
)
app.add_typer(tokens, name="token")


Name = Annotated[str, typer.Argument(help="Letters, digits and . _ @ -, forty at most.")]
RoleArgument = Annotated[RoleChoice, typer.Argument(help="viewer sees, operator also changes, admin all.")]
RoleOption = Annotated[RoleChoice, typer.Option("--role", help="viewer sees, operator also changes, admin all.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command()
def add(
    name: Name,
    role: RoleOption = RoleChoice.VIEWER,
    password_stdin: Stdin = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an account; its password is asked for."""
    with or_exit_2():
        settings = load(config)
        accounts.check_name(name)
        hashed = _hashed(name, password_stdin)
        given = Role[role.name]
        _change(settings, lambda store, doer: accounts.add_account(store, doer, name, given, hashed), create=True)
    typer.echo(json.dumps({"added": name, "role": role}) if as_json else f"added {name}, {role}")


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show all accounts; --json prints one a line."""
    with or_exit_2():
        found = with_store(load(config), accounts.all_accounts, create=False)
    if as_json:
        for one in found:
            typer.echo(json.dumps({"name": one.name, "role": str(one.role), "added": one.added}))
        return
    table = Table("account", "role", "added")
    for one in found:
        table.add_row(one.name, str(one.role), shown(one.added))
    Console().print(table)


@app.command()
def remove(name: Name, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Remove an account and end its sessions. Tokens that it made stay: see `token list`."""
    with or_exit_2():
        _change(load(config), lambda store, doer: accounts.remove_account(store, doer, name))
    typer.echo(json.dumps({"removed": name}) if as_json else f"removed {name}")


@app.command()
def password(
    name: Name, password_stdin: Stdin = False, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Give an account a new password, and end its sessions."""
    with or_exit_2():
        settings = load(config)
        hashed = _hashed(name, password_stdin)
        _change(settings, lambda store, doer: accounts.set_password(store, doer, name, hashed))
    typer.echo(json.dumps({"changed": name}) if as_json else f"new password for {name}; its sessions are over")


@app.command()
def role(name: Name, role: RoleArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Give an account another role."""
    with or_exit_2():
        _change(load(config), lambda store, doer: accounts.set_role(store, doer, name, Role[role.name]))
    typer.echo(json.dumps({"name": name, "role": role}) if as_json else f"{name} is {role} now")


@app.command("setup-link")
def setup_link(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make a new link by which a browser makes the first account; it works once, for an hour."""
    with or_exit_2():
        settings = load(config)
        secret = with_store(settings, lambda store: offer(store, CLOCK.wall()), create=True)
        if not secret:
            raise AgiScreenError("there are accounts already: use `agi-screen account add` or `account password`")
        link = f"{_desk(settings)}/setup#{secret}"
    typer.echo(json.dumps({"link": link}) if as_json else link)


def _desk(settings: Settings) -> str:
    """Where the running daemon says its desk is; else where the next one will have it."""
    try:
        found = str(ask(settings.control_socket, {"do": "status"}).get("web", ""))
    except ControlError:
        found = ""
    web = settings.config.web
    return found if found.startswith("http") else desk_url(web, web.listen.port)


def _hashed(name: str, password_stdin: bool) -> str:
    """The password's hash, asked for twice at a terminal: in the arguments every user of this machine could see it."""
    if password_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    check_password(name, given)
    return Passwords().hash_now(given)


def _change(settings: Settings, work: Callable[[Store, Doer], Awaitable[object]], *, create: bool = False) -> None:
    with_store(settings, lambda store: work(store, command_doer()), create=create)
