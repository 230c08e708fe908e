"""`agi-screen top`: one picture of a real daemon, and what it makes of hostile and narrow things."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agi_screen.base.clock import ManualClock
from agi_screen.commands.top_view import BARS, Picture, sparkline, view
from agi_screen.trail.board.board import Board, Mark
from tests.commands.conftest import Run
from tests.commands.test_level import LevelDaemon
from tests.made import NOON, a_call

HOSTILE = "\x1b[31m[red]\nEVIL\u202e"
QUEUE = {"name": HOSTILE, "waiting": 3, "longest": 71, "answered": 9, "abandoned": 1, "wait": 4}


def told(board: Board, mark: Mark, run: str = "ab") -> tuple[dict[str, Any], Mark]:
    """As the daemon answers."""
    parts, mark = board.parts(mark)
    level = {"level": "siege", "since": NOON, "why": HOSTILE, "by": "arrivals", "override": None}
    health = {"ami": {"state": "up", "detail": "", "since": 0.0}, "records": "ok", "webhook": HOSTILE}
    queues = {"problem": "", "rows": [{**QUEUE, "members": {"free": 1, "talking": 2}}]}
    now = {"captcha": 1, "sessions": 2, "followed": 3}
    more = {"level": level, "mode": "monitor", "health": health, "queues": queues, "now": now, "since": NOON}
    return {"board": {**parts, **more}, "seen": f"{run}.{mark.second}"}, mark


def shown(picture: Picture, width: int, height: int | None = None) -> str:
    console = Console(file=io.StringIO(), width=width, height=height or 50, color_system=None)
    console.print(view(picture, width, height))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def filled() -> tuple[Picture, Board, ManualClock, Mark]:
    clock = ManualClock(NOON)
    board, picture = Board(clock), Picture()
    for number in range(30):
        board.decided(a_call(f"c{number}", caller_name=HOSTILE))
        clock.advance(1)
    answer, mark = told(board, Mark())
    picture.take(answer)
    return picture, board, clock, mark


@pytest.fixture
def daemon(config: Path) -> Iterator[None]:
    made = LevelDaemon(config)
    yield
    made.stop()


@pytest.mark.usefixtures("daemon")
def test_one_picture_of_a_daemon(run: Run) -> None:
    said = run("top", "--once").out
    assert "normal" in said
    assert "0.0 calls/s" in said
    (board,) = run("top", "--json").objects
    assert {"columns", "seconds", "minutes", "level", "queues", "top", "calls", "health"} <= board.keys()


def test_no_daemon_is_one_line(run: Run) -> None:
    done = run("top", "--once")
    assert done.code == 2
    assert "daemon not running" in done.err


@pytest.mark.parametrize("width", [20, 40, 80, 100, 120, 200])
def test_hostile_text_is_text_at_every_width(width: int) -> None:
    said = shown(filled()[0], width)
    assert all(line.isprintable() and len(line) <= width for line in said.splitlines())


def test_it_fits_the_terminal() -> None:
    for width, height in ((120, 30), (80, 40)):
        assert len(shown(filled()[0], width, height).splitlines()) <= height


def test_answers_add_up_and_a_restart_begins_anew() -> None:
    picture, board, clock, mark = filled()
    board.decided(a_call("new"))
    clock.advance(1)
    picture.take(told(board, mark)[0])
    assert [call["id"] for call in picture.calls][:2] == ["new", "c29"]
    assert len(picture.seconds) == 31
    picture.take(told(Board(clock), Mark(), "cd")[0])
    assert (len(picture.calls), len(picture.seconds)) == (0, 0)


def test_no_news_is_said() -> None:
    picture = filled()[0]
    picture.problem = "daemon not running"
    assert "NO NEWS: daemon not running" in shown(picture, 100)


def test_sparkline() -> None:
    assert sparkline([0, 1, 4, 8], 10) == f" {BARS[1]}{BARS[4]}{BARS[7]}"
    assert len(sparkline(list(range(900)), 60)) <= 60
    assert sparkline([], 10) == ""
