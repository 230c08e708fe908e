"""The live table: one row a role, and beneath it what happened last."""

from __future__ import annotations

from collections import Counter

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agi_screen.base.text import escape
from scripts.demo_.board import Board, Row

COLOURS = {
    "allow": "green",
    "challenge": "yellow",
    "reject": "red",
    "divert": "magenta",
    "passed": "green",
    "failed": "magenta",
    "hungup": "dim",
}


def counted(counts: Counter[str], ones: str = "") -> Text:
    """`6 allow, 14 challenge`, coloured; `ones` is said for a number of 1."""
    parts = [Text(f"{n} {word}" if n > 1 else ones + word, COLOURS.get(word, "")) for word, n in counts.items() if n]
    return Text(", ").join(parts)


def cells(row: Row) -> list[Text]:
    """One line of the table."""
    captcha = Counter({word: n for word, n in row.captcha.items() if word != "skipped"})
    reached = Text(str(row.reached), "green") if row.reached else Text("no" if row.over else "", "magenta")
    who = Text(row.part.name, "bold" if row.over else "bold cyan").append(f" {row.part.number}", "dim")
    who.append(f"\n  {row.part.does}", "italic")
    verdicts = counted(row.verdicts).append(f"\n{escape(row.reasons)}", "dim")
    return [who, verdicts, counted(captcha), reached]


def view(board: Board) -> RenderableType:
    """The whole picture as it is now."""
    table = Table("who, and what they do", "verdicts, and why", "CAPTCHA", "operator", title="Calls to 1 800 555 0100")
    for row in board.rows.values():
        table.add_row(*cells(row))
    lines = Text("\n".join(map(escape, board.lines)), "dim", no_wrap=True, overflow="ellipsis")
    return Group(table, lines)
