"""Every command of `agi-screen`, with its options, as `--help` has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from agi_screen.__main__ import app
from scripts.docs_.cells import cell, first_line

EVERYWHERE = ("help", "config", "json")


def commands() -> Iterator[str]:
    """One table each; options that all commands have are left out."""
    top: Any = typer.main.get_command(app())
    yield from _below(top, "agi-screen")


def _below(group: Any, path: str) -> Iterator[str]:
    for name in sorted(group.commands):
        found = group.commands[name]
        if hasattr(found, "commands"):
            yield from _below(found, f"{path} {name}")
        else:
            yield from _command(found, f"{path} {name}")


def _command(found: Any, path: str) -> Iterator[str]:
    words = " ".join(_word(one) for one in found.params if one.param_type_name == "argument")
    yield from ["", f"### `{f'{path} {words}'.strip()}`", "", first_line(found.help)]
    options = [one for one in found.params if one.param_type_name == "option" and one.name not in EVERYWHERE]
    if options:
        yield ""
        yield from ("- " + _option(one) for one in options)


def _word(one: Any) -> str:
    name = (one.metavar or one.name).upper()
    return name if one.required else f"[{name}]"


def _option(one: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
    return f"{names}: {cell(one.help)}" if one.help else names
