"""The rows of a CSV file in bounded memory, with their lines. A quote that never closes spoils its own line only."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from agi_screen.base.errors import Problem
from agi_screen.what_if.replay.past import Problems

BLOCK = 1 << 20
MOST_LINE = 1 << 16  # bytes of one row; Asterisk's own buffer for one is 1024
MOST_JOINED = 20  # lines of one row, for line ends inside quotes
_BOM = b"\xef\xbb\xbf"

Row = list[str]
Read = Callable[[int], None]


def csv_rows(path: Path, problems: Problems, read: Read = lambda _: None) -> Iterator[tuple[int, Row]]:
    """Line number and fields of each row; `read` is told of the bytes as they are taken. What is no UTF-8 stays
    visible as `\\xff`. Raises OSError."""
    for first, rows in csv_blocks(path, problems, read):
        yield from enumerate(rows, first)


def csv_blocks(path: Path, problems: Problems, read: Read = lambda _: None) -> Iterator[tuple[int, list[Row]]]:
    """The same by thousands: rows that stand on a line each, and the number of the first one's line."""
    first = 1
    left: list[str] = []  # the lines of a row that the last block ended in
    for lines in _blocks(path, read):
        rows = None if left else _plain(lines)
        if rows is not None:
            yield first, rows
            first += len(lines)
            continue
        left += lines
        for count, row in _joined(left, path, first, problems, last=False):
            if row:
                yield first, [row]
            first += count
    for count, row in _joined(left, path, first, problems, last=True):
        if row:
            yield first, [row]
        first += count


def _blocks(path: Path, read: Read) -> Iterator[list[str]]:
    """Whole lines, about a megabyte at a time."""
    with path.open("rb") as file:
        rest = b""
        while block := file.read(BLOCK):
            read(len(block))
            whole, newline, tail = block.rpartition(b"\n")
            if newline:
                yield _decoded(rest + whole)
                rest = tail
            else:
                rest = (rest + tail)[: 5 * MOST_LINE]  # far too long a line is refused, not kept
        if rest:
            yield _decoded(rest)


def _decoded(block: bytes) -> list[str]:
    return block.removeprefix(_BOM).decode("utf-8", "backslashreplace").split("\n")


def _plain(lines: list[str]) -> list[Row] | None:
    """All rows at once where each line is one, as in nearly every file: all the work is in C. None where not."""
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error:
        return None
    return rows if len(rows) == len(lines) else None


def _joined(left: list[str], path: Path, first: int, problems: Problems, *, last: bool) -> Iterator[tuple[int, Row]]:
    """The careful way: how many lines a row took, and its fields (none: it is bad and has been told). Takes the
    lines from `left`, and leaves those of a row that may go on."""
    done = 0
    while done < len(left):
        count = _length(left, done)
        if count == 0:
            if not last and len(left) - done < MOST_JOINED:
                break
            problems.add(Problem(str(path), "quotes", "", "a quote is not closed", first + done))
            count, row = 1, []
        else:
            row = _careful("\n".join(left[done : done + count]), path, first + done, problems)
        yield count, row
        done += count
    del left[:done]


def _length(lines: list[str], start: int) -> int:
    """How many lines until all quotes are closed; 0 when they are not within reach."""
    quotes = 0
    for count, line in enumerate(lines[start : start + MOST_JOINED], 1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return count
    return 0


def _careful(text: str, path: Path, line: int, problems: Problems) -> Row:
    if len(text) > MOST_LINE:
        mend = f"a row must not be longer than {MOST_LINE} characters"
        problems.add(Problem(str(path), "line", f"{len(text)} characters", mend, line))
        return []
    try:
        return next(csv.reader([text]), [])
    except csv.Error as error:
        problems.add(Problem(str(path), "line", "", str(error), line))
        return []
