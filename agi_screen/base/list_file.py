"""A file of list entries: one a line, or CSV with number, reason, expires. Every bad line is told."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from agi_screen.base.errors import AgiScreenError, Problem

COLUMNS = ("number", "reason", "expires")
_HEADINGS = frozenset({"number", "value", "caller", "entry", "prefix", "pattern"})
MAX_LINE = 65_536
TOLD_EVERY = 1 << 18  # bytes

Told = Callable[[int], None]
Readline = Callable[[int], bytes]


class ListFileError(AgiScreenError):
    """Bad lines in a file: nothing of it was taken. Carries all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        mend = f"{len(problems)} bad lines, nothing was imported; mend them, or pass them over with --skip-bad"
        super().__init__("\n".join([*map(str, problems), mend]))


class FileError(AgiScreenError):
    """The file as a whole cannot be read, or is not of the format that was named."""


class Row(NamedTuple):
    """One record of the file, its cells without the blanks around them."""

    line: int
    cells: list[str]


class Line(NamedTuple):
    """One entry as written."""

    line: int
    number: str
    reason: str = ""
    expires: str = ""


def read_rows(path: Path, told: Told) -> Iterator[Row]:
    """All records but empty ones and comments; `told` hears how many bytes were read since. Raises FileError."""
    try:
        with path.open("rb") as file:
            yield from rows_of(str(path), file.readline, told)
    except OSError as error:
        raise FileError(str(Problem(str(path), "file", "", f"cannot be read: {error}", 0))) from error


def rows_of(name: str, readline: Readline, told: Told = lambda _: None) -> Iterator[Row]:
    """The same of what is open already; `name` is what errors call it."""
    reader = csv.reader(_texts(readline, told), skipinitialspace=True)
    try:
        for cells in reader:
            if cells and not cells[0].startswith("#") and any(cells):
                yield Row(reader.line_num, [cell.strip() for cell in cells])
    except (OSError, csv.Error) as error:
        raise FileError(str(Problem(name, "file", "", f"cannot be read: {error}", reader.line_num))) from error


def _texts(readline: Readline, told: Told) -> Iterator[str]:
    """Lines of bounded length. What is no UTF-8 stays visible, and is refused as what it is: no number."""
    done = 0
    encoding = "utf-8-sig"  # the first line may begin with a byte order mark
    while line := readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            raise csv.Error(f"a line is longer than {MAX_LINE} bytes: is this a text file?")
        done += len(line)
        if done >= TOLD_EVERY:
            told(done)
            done = 0
        yield line.decode(encoding, "backslashreplace")
        encoding = "utf-8"
    told(done)


def lines_of(rows: Iterable[Row]) -> Iterator[Line]:
    """The entries as written; a first row of headings says which column is which."""
    places = {name: place for place, name in enumerate(COLUMNS)}
    first = True
    for line, cells in rows:
        if first and cells[0].lower() in _HEADINGS:
            places = _places(cells)
        elif len(cells) == 1:
            yield Line(line, cells[0])
        else:
            yield Line(line, *(_cell(cells, places.get(name)) for name in COLUMNS))
        first = False


def _places(headings: list[str]) -> dict[str, int]:
    names = ["number", *(heading.lower() for heading in headings[1:])]
    return {name: place for place, name in enumerate(names)}


def _cell(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""
