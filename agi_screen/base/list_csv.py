"""List entries as CSV that can be imported again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from agi_screen.base.records import ListEntry
from agi_screen.base.text import one_line

_FORMULA = frozenset("=+-@|%＝＋－＠")  # the wide ones too: some spreadsheets take them for the same
HEADINGS = ("number", "reason", "expires", "list", "source", "added")


def write_csv(file: TextIO, entries: Iterable[ListEntry], *, headings: bool = True) -> None:
    """One entry a row; `list import` reads it."""
    writer = csv.writer(file)
    if headings:
        writer.writerow(HEADINGS)
    for e in entries:
        texts = (_harmless(e.reason), _iso(e.expires) if e.expires else "", e.list.value, _harmless(e.source))
        writer.writerow((e.value, *texts, _iso(e.added)))


def _harmless(text: str) -> str:
    """A spreadsheet takes what begins so for a formula; what an entry matches is checked, and cannot be one."""
    text = one_line(text)
    return f"'{text}" if text.lstrip()[:1] in _FORMULA else text


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
