"""The tables as CSV files, in a form that neither a spreadsheet nor a program misreads.

An E.164 number begins with `+`, which a spreadsheet takes for a formula and then shows as 1.65E+10. So numbers are
written as `tel:` URIs (RFC 3966): text to a spreadsheet, one known prefix to a program. Any other text that begins
with a character that starts a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Any

from agi_screen.base.records import CallRecord
from agi_screen.base.store_range import Row
from agi_screen.base.text import one_line
from agi_screen.what_if.investigate.blocks import Block
from agi_screen.what_if.investigate.columns import (
    ATTESTATION,
    ENDS,
    VERDICTS,
    caller_number,
    evidence_of,
    placed_number,
)
from agi_screen.what_if.investigate.findings import Findings
from agi_screen.what_if.investigate.moments import utc
from agi_screen.what_if.investigate.numbers import block_text
from agi_screen.what_if.investigate.origin import Origin, Places

_FORMULA = frozenset("=+-@\t\r\n|%＝＋－＠")
_TOLD = tuple(f"told_{verdict}" for verdict in VERDICTS)
CALLS = (
    *("started_utc", "caller", "caller_raw", "caller_kind", "caller_name", "country", "area", "place", "dialled"),
    *("trunk", "attestation", "verdict", "told", "score", "level", "captcha", "asked", "conduct"),
    *("captcha_s", "way", "reasons", "end", "queue_wait_s", "talk_time_s", "id", "uniqueid"),
)
CALLERS = (
    *("caller", "country", "area", "place", "time_zone", "carrier_of_range", "calls", "first_utc", "last_utc"),
    *("median_gap_s", "gap_variation", "machine_regular", "seen_before"),
)
BLOCKS = ("depth", "block", "calls", "callers", "callers_in_runs", "first_utc", *_TOLD)
AREAS = ("country", "area", "place", "calls", "callers", *_TOLD)


def harmless(value: object) -> object:
    """A cell that is shown as it is by everything that reads CSV."""
    if not isinstance(value, str) or not value or (value[0].isalnum() and value.isprintable()):
        return value
    if caller_number(value) is not None:
        return f"tel:{value}"
    text = one_line(value)
    # A space before it does not keep every spreadsheet from the formula.
    return f"'{text}" if value[0] in _FORMULA or text.lstrip()[:1] in _FORMULA else text


class CsvFile:
    """One file being written."""

    def __init__(self, file: Any, headings: Iterable[str]) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(headings)

    def row(self, cells: Iterable[object]) -> None:
        self._writer.writerow([harmless(cell) for cell in cells])


@contextmanager
def opened_csv(path: Path, headings: Iterable[str]) -> Iterator[CsvFile]:
    """UTF-8 with its mark, without which spreadsheets guess at another encoding."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        yield CsvFile(file, headings)


class CallsFile:
    """A sink of rows: calls.csv."""

    def __init__(self, file: CsvFile, places: Places) -> None:
        self._file = file
        self._places = places

    def take(self, row: Row) -> None:
        """Writes a row's cells in the order of CALLS."""
        r = CallRecord(*row[:ENDS])
        said = evidence_of(str(r.evidence))
        place = self._places.of(-1 if (number := placed_number(r.caller)) is None else number)
        _, _, _, disposition, _, wait, talk, _ = row[ENDS:]
        attested = next((reason for signal, _, reason in said if signal == ATTESTATION), "")
        reasons, conduct = _scored(said), _scored(evidence_of(str(r.conduct)))
        self._file.row(
            (
                *(utc(r.started), r.caller, r.caller_raw, r.caller_kind, r.caller_name, *place[:3], r.dialled),
                *(r.trunk, attested, r.verdict, r.final_verdict, r.score, r.level, r.captcha, r.asked, conduct),
                *(_real(r.captcha_time) if r.asked else "", r.way, reasons or r.final),
                *(
                    disposition or "",
                    *(("", "") if disposition is None else (_real(wait), _real(talk))),
                    r.id,
                    r.uniqueid,
                ),
            )
        )


def _scored(said: Iterable[tuple[str, float, str]]) -> str:
    return ";".join(f"{signal}:{score:.2f}" for signal, score, _ in said if score)


def write_callers(path: Path, f: Findings) -> None:
    """Every distinct caller, most calls first."""
    r, regular = f.repeaters, f.repeaters.regular
    with opened_csv(path, CALLERS) as file:
        for rank in range(len(r.caller)):
            code = int(r.caller[rank])
            times = (utc(float(r.first[rank])), utc(float(r.last[rank])))
            gaps = (_real(float(r.median_gap[rank])), _real(float(r.variation[rank])))
            flags = (_yes(bool(regular[rank])), _yes(bool(f.seen_before[rank])))
            file.row((f.columns.caller_text(code), *f.places.of(code), int(r.calls[rank]), *times, *gaps, *flags))


def write_blocks(path: Path, f: Findings) -> None:
    """All blocks of all depths."""
    with opened_csv(path, BLOCKS) as file:
        for depth, found in f.blocks.items():
            for block in found:
                file.row(_block(depth, block))


def _block(depth: str, b: Block) -> Iterable[object]:
    return (depth, block_text(b.block, b.open_digits), b.calls, b.callers, b.in_runs, utc(b.first), *b.by_verdict)


def write_areas(path: Path, f: Findings) -> None:
    """All origins."""
    with opened_csv(path, AREAS) as file:
        for origin in f.origins:
            file.row(_area(origin))


def _area(o: Origin) -> Iterable[object]:
    return (o.country, o.area, o.place, o.calls, o.callers, *o.by_verdict)


def _real(number: float) -> object:
    return "" if isnan(number) else round(number, 3)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
