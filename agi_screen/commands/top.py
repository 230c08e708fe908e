"""`agi-screen top`: the live page in a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from agi_screen.commands.control import ControlError, ask
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.top_view import Picture, view
from agi_screen.settings import load

STEP_SECONDS = 1.0
QUIT = {"q", "Q", "\x03"}

Once = Annotated[bool, typer.Option("--once", help="Show one picture and end.")]


def top(once: Once = False, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Watch the running daemon: calls per second, level, queues, CAPTCHA, callers, newest calls. `q` ends it.

    With --json it prints one picture as one line, as the API's /board has it.
    """
    with or_exit_2():
        socket = load(config).control_socket
        picture = Picture()
        told = _look(socket, picture)
        if as_json:
            typer.echo(json.dumps(told["board"]))
        elif once or not sys.stdout.isatty():
            console = Console()
            console.print(view(picture, console.width, None))
        else:
            _watch(socket, picture)


def _look(socket: Path, picture: Picture) -> dict[str, Any]:
    told = ask(socket, {"do": "board", "seen": picture.seen})
    picture.take(told)
    return told


def _watch(socket: Path, picture: Picture) -> None:
    console = Console()
    with _keys() as keyboard, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(view(picture, console.width, console.height), refresh=True)
            if _pressed(keyboard, STEP_SECONDS) & QUIT:
                return
            try:
                _look(socket, picture)
            except ControlError as error:
                picture.problem = str(error)


@contextlib.contextmanager
def _keys() -> Iterator[int | None]:
    """Keys one by one, unseen; None where nobody can press any."""
    if not sys.stdin.isatty():
        yield None
        return
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard)
        yield keyboard
    except KeyboardInterrupt:
        pass
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _pressed(keyboard: int | None, seconds: float) -> set[str]:
    """Waits so long, or until a key."""
    if keyboard is None:
        time.sleep(seconds)
        return set()
    ready, _, _ = select.select([keyboard], [], [], seconds)
    return set(os.read(keyboard, 16).decode("ascii", "ignore")) if ready else set()
