"""`agi-screen explain NUMBER`: why a caller would get the verdict it would get now."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agi_screen.base.clock import SystemClock
from agi_screen.base.learned_file import load_learned
from agi_screen.base.list_entries import EntryGroup
from agi_screen.base.records import CallerRecord, Pass
from agi_screen.base.store import Store
from agi_screen.base.text import escape
from agi_screen.commands.control import ask, running
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.settings import Settings, load
from agi_screen.what_if.explain import explain as explained

COLOURS = {"allow": "green", "challenge": "yellow", "reject": "red", "divert": "magenta"}
Number = Annotated[str, typer.Argument(help="The caller's number as the trunk would send it; '' for none.")]
Did = Annotated[str, typer.Option(help="The number dialled.")]
Trunk = Annotated[str, typer.Option(help="The trunk, such as PJSIP/trunk: passes are bound to it.")]


def explain(
    number: Number, did: Did = "", trunk: Trunk = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show every signal, its points, the verdict and why, for the next call of NUMBER. Nothing is counted.

    Asks the running daemon, which knows the caller's rate; without one, lists and passes come from the database.
    """
    with or_exit_2():
        settings = load(config)
        live = running(settings.control_socket)
        request = {"do": "explain", "number": number, "did": did, "trunk": trunk}
        found = ask(settings.control_socket, request)["explanation"] if live else _alone(settings, number, did, trunk)
    if as_json:
        typer.echo(json.dumps({"live": live, **found}))
    else:
        _show(found, live)


def _alone(settings: Settings, number: str, did: str, trunk: str) -> dict[str, Any]:
    clock, config = SystemClock(), settings.config
    passes = PassBook(config.passes.capacity, clock, config.passes.uses, config.passes.time)
    lists = Lists.build([], clock.wall())
    callers: list[CallerRecord] = []
    if settings.store_made:
        groups, kept, callers = asyncio.run(_stored(settings, clock))
        lists = Lists.build_groups(groups, clock.wall())
        passes.restore(kept)
    judge = Judge(config, settings.signals, lists, passes, clock.wall())
    judge.memory.callers.restore(callers)
    judge.take_over(load_learned(settings.learned) or {})
    plan = settings.plan(1)
    return explained(judge, plan, clock, number, did, trunk).as_json()


async def _stored(settings: Settings, clock: SystemClock) -> tuple[list[EntryGroup], list[Pass], list[CallerRecord]]:
    store = await Store.open(settings.place, clock=clock, create=False, mend=False)
    try:
        most = settings.config.callers.capacity
        return await store.entry_groups(), await store.passes(), await store.callers(most)
    finally:
        await store.close()


def _show(found: dict[str, Any], live: bool) -> None:
    console = Console()
    table = Table("signal", "points", "score", "what it saw")
    for signal in found["signals"]:
        score = f"{signal['score']:.2f}" if signal["score"] else ""
        table.add_row(signal["signal"], f"{signal['points']:.2f}", score, Text(escape(signal["reason"])))
    console.print(Text(f"caller {escape(found['caller'])} ({found['caller_kind']})"))
    console.print(table)
    colour = COLOURS[found["verdict"]]
    level = f"level {found['level']}: challenge from {found['challenge_from']}, reject from {found['reject_from']}"
    console.print(f"score {found['score']:.2f} ({level})", highlight=False)
    because = f" because of {found['final']}" if found["final"] else ""
    console.print(f"verdict [bold {colour}]{found['verdict']}[/]{because}", highlight=False)
    if not live:
        console.print("[dim]no daemon is running: the caller's rate is not known[/]")
