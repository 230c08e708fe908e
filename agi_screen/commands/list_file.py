"""A file of list entries: one a line, or CSV with number, reason, expires. Every bad line is told."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agi_screen.base.errors import AgiScreenError, Problem
from agi_screen.base.list_entries import BadEntryError
from agi_screen.base.records import ListEntry
from agi_screen.base.text import escape

COLUMNS = ("number", "reason", "expires")
_HEADINGS = frozenset({"number", "value", "caller", "entry", "prefix", "pattern"})


class ListFileError(AgiScreenError):
    """Bad lines in a file: nothing of it was taken. Carries all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        mend = f"{len(problems)} bad lines, nothing was imported; mend them, or pass them over with --skip-bad"
        super().__init__("\n".join([*map(str, problems), mend]))


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as written."""

    line: int
    number: str
    reason: str = ""
    expires: str = ""


Make = Callable[[Line], ListEntry]


def read_entries(path: Path, lines: Iterable[Line], make: Make) -> tuple[list[ListEntry], list[Problem]]:
    """The entries of the good lines (the last of several alike), and what is wrong with the others."""
    good: dict[str, ListEntry] = {}
    bad: list[Problem] = []
    for line in lines:
        try:
            entry = make(line)
        except BadEntryError as error:
            bad.append(Problem(str(path), "number", error.value, error.mend, line.line))
        except AgiScreenError as error:
            bad.append(Problem(str(path), "expires", escape(line.expires), str(error), line.line))
        else:
            good[entry.value] = entry
    return list(good.values()), bad


def read_lines(path: Path) -> list[Line]:
    """The lines that hold an entry. Raises ListFileError when the file cannot be read."""
    try:
        # What is no UTF-8 stays visible, and is refused as what it is: no number.
        with path.open(encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
            return list(_lines(file))
    except (OSError, csv.Error) as error:
        raise ListFileError([Problem(str(path), "file", "", f"cannot be read: {error}")]) from error


def _lines(file: Iterable[str]) -> Iterator[Line]:
    reader = csv.reader(file, skipinitialspace=True)
    places = {name: place for place, name in enumerate(COLUMNS)}
    first = True
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if first and cells[0].lower() in _HEADINGS:
            places = _places(cells)
        else:
            yield Line(reader.line_num, *(_cell(cells, places.get(name)) for name in COLUMNS))
        first = False


def _places(headings: list[str]) -> dict[str, int]:
    names = ["number", *(heading.lower() for heading in headings[1:])]
    return {name: place for place, name in enumerate(names)}


def _cell(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""
