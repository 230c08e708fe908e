"""Asterisk's Master.csv, as `replay` reads it."""

from __future__ import annotations

import io
from datetime import UTC
from math import isfinite
from pathlib import Path
from typing import Any, cast

from agi_screen.what_if.replay.cdr import MAX_TEXT, CdrReader
from agi_screen.what_if.replay.local_time import LocalTimes
from tests.fuzz.target import Target

ROW = (
    b'"","4155552671","18005550100","from-trunk","""Bob"" <4155552671>","PJSIP/trunk-00000001","PJSIP/desk-00000002",'
    b'"Queue","operators","2026-11-01 08:00:00","2026-11-01 08:00:02","2026-11-01 08:01:00",60,58,"ANSWERED",'
    b'"DOCUMENTATION","1793520000.1",""'
)
NO_ANSWER = ROW.replace(b"ANSWERED", b"NO ANSWER").replace(b'"PJSIP/desk-00000002"', b'""').replace(b",58,", b",0,")
SEEDS = (
    ROW + b"\n" + NO_ANSWER + b"\n",
    ROW + b',"","1793520000.1","7"\n',
    b"\xef\xbb\xbf" + ROW + b"\r\n" + ROW.replace(b"1793520000.1", b"1793520000.2") + b"\r\n",
    ROW.rpartition(b',"1793520000.1"')[0] + b"\n",
)
WORDS = (
    *(
        b'"',
        b'""',
        b",",
        b"\r",
        b"\n",
        b"ANSWERED",
        b"BUSY",
        b"2026-11-01 01:30:00",
        b"2026-13-01 00:00:00",
        b"9999-12-31 23:59:59",
    ),
    *(b"0001-01-01 00:00:00", b"864001", b"1793520000.", b"accountcode"),
)


class InMemory:
    """As much of a Path as the reader asks of one."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)

    def __str__(self) -> str:
        return "Master.csv"


class CdrCsv(Target):
    """Calls are bounded and in order; what is wrong is told in one line each."""

    name = "cdr_csv"
    what = "Asterisk's Master.csv, as replay reads it"
    words = WORDS
    between = b","
    seeds = SEEDS
    modules = ("agi_screen.what_if.replay.cdr", "agi_screen.what_if.replay.csv_rows")

    def __init__(self) -> None:
        self._times = LocalTimes(UTC)

    def take(self, data: bytes) -> None:
        past: Any = CdrReader(cast("Path", InMemory(data)), self._times).past()
        starts = [call.start for call in past.calls]
        assert starts == sorted(starts)
        for call in past.calls:
            assert max(map(len, (call.src, call.dst, call.trunk, call.uniqueid))) <= MAX_TEXT
            assert isfinite(call.start)
            assert call.ended >= call.start
        for problem in past.problems:
            assert str(problem).isprintable(), ascii(str(problem))
