"""OUT: a row a call, for people's spreadsheets and for other programs."""

from __future__ import annotations

import csv
import re
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from agi_screen.base.text import one_line
from agi_screen.base.verdict import Decision
from agi_screen.what_if.replay.past import HistoryError, PastCall

HEADER = ("uniqueid", "start", "src", "dst", "verdict", "score", "level", "reasons")
_BATCH = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line; a number, also with its plus, stays as it is."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return one_line(text)


class Output:
    """Rows to a CSV file, some thousand at a time. Raises HistoryError when the file cannot be written."""

    def __init__(self, path: Path, source: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._rows: list[tuple[str, ...]] = []
        self._cells: dict[str, str] = {}  # those of numbers dialled, which are few
        if path.exists() and source.exists() and path.samefile(source):
            raise HistoryError(f"{path}: --output: is the file to be replayed; name another")
        try:
            file = self._stack.enter_context(path.open("w", encoding="utf-8", errors="backslashreplace", newline=""))
        except OSError as error:
            raise self._error(error) from error
        self._writer = csv.writer(file, lineterminator="\n")
        self._rows.append(HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            if kind is None:
                self._flush()
            self._stack.close()
        except OSError as failed:
            raise self._error(failed) from failed

    def add(self, call: PastCall, decision: Decision) -> None:
        """The next row."""
        uniqueid, said, src, dst = call[1:5]
        cell = self._cells.get(dst)
        if cell is None:
            cell = harmless(dst)
            if len(self._cells) < _BATCH:
                self._cells[dst] = cell
        verdict, score, level, evidence, final, _ = decision
        reasons = harmless(decision.reasons) if evidence or final else ""
        points = f"{score:.2f}" if score else "0.00"
        row = (harmless(uniqueid), said, src if src.isalnum() else harmless(src))
        self._rows.append((*row, cell, verdict._value_, points, level._value_, reasons))
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        try:
            self._writer.writerows(self._rows)
        except OSError as error:
            raise self._error(error) from error
        self._rows.clear()

    def _error(self, error: OSError) -> HistoryError:
        return HistoryError(f"{self._path}: --output: cannot be written: {error.strerror or error}")
