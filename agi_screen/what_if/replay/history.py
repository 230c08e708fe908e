"""A file of history, whatever its kind: told by its head."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from agi_screen.what_if.replay.cdr import CdrReader
from agi_screen.what_if.replay.local_time import LocalTimes
from agi_screen.what_if.replay.past import HistoryError, Past, Problems
from agi_screen.what_if.replay.records import HEAD, past_of_records

_PACKED = {b"\x1f\x8b": "gunzip", b"BZ": "bunzip2", b"\xfd7zXZ": "unxz", b"PK": "unzip", b"(\xb5/\xfd": "unzstd"}


def read_past(
    path: Path,
    zone: tzinfo | None = None,
    contexts: frozenset[str] = frozenset(),
    *,
    skip_bad: bool = False,
    read: Callable[[int], None] = lambda _: None,
) -> Past:
    """The calls of a Master.csv or of a database of ours. `zone` is that of a CDR's times; `read` is told of bytes
    (CDR) or calls (records). Raises HistoryError: with all bad lines, unless `skip_bad`; StoreError."""
    times = LocalTimes(zone)
    try:
        head = _head(path)
        if head == HEAD:
            past = past_of_records(path, times, read)
        else:
            reader = CdrReader(path, times, contexts, read)
            past = reader.past()
            _complain(reader.problems, skip_bad=skip_bad)
    except OSError as error:
        raise HistoryError(f"{path}: file: cannot be read: {error.strerror or error}") from error
    if not past.calls:
        what = f" of context {', '.join(sorted(contexts))}" if contexts else ""
        raise HistoryError(f"{path}: file: there is no call{what} in it")
    return past


def _head(path: Path) -> bytes:
    if path.is_fifo():
        raise HistoryError(f"{path}: file: is a pipe, which cannot be read twice; write it into a file first")
    with path.open("rb") as file:
        head = file.read(len(HEAD))
    for magic, tool in _PACKED.items():
        if head.startswith(magic):
            raise HistoryError(f"{path}: file: is compressed; unpack it first, for instance with {tool}")
    return head


def _complain(problems: Problems, *, skip_bad: bool) -> None:
    if problems.count and not skip_bad:
        raise HistoryError(problems.text("mend them, or pass them over with --skip-bad"))
