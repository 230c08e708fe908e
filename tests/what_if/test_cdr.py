"""Reading Master.csv: every shape cdr_csv has, and every harm a caller or an editor can do to it."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agi_screen.base.records import Disposition
from agi_screen.what_if.replay.csv_rows import csv_rows
from agi_screen.what_if.replay.history import read_past
from agi_screen.what_if.replay.local_time import LocalTimes
from agi_screen.what_if.replay.past import HistoryError, Past, Problems
from tests.what_if.made_cdr import NOON, row, row_with, text


def read(folder: Path, content: str | bytes, *, skip_bad: bool = False, contexts: frozenset[str] = frozenset()) -> Past:
    path = folder / "Master.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_past(path, UTC, contexts, skip_bad=skip_bad)


def test_a_call_as_asterisk_writes_it(tmp_path: Path) -> None:
    (call,) = read(tmp_path, text([row(7, at=90, duration=75, billsec=60)])).calls
    assert (call.start, call.ended) == (NOON.timestamp() + 90, NOON.timestamp() + 165)
    assert (call.src, call.dst, call.trunk) == ("6125550007", "18005550100", "PJSIP/trunk")
    assert (call.disposition, call.queue_wait, call.talk_time) == (Disposition.TALKED, 15.0, 60.0)
    assert call.uniqueid == f"{int(NOON.timestamp()) + 90}.7"


@pytest.mark.parametrize(
    ("fields", "uniqueid"),
    [
        (row()[:16], ""),
        (row()[:17], row()[16]),
        ([*row()[:16], "a userfield"], ""),
        (row(), row()[16]),
        ([*row()[:16], "peer", "1.1", 4], ""),
        ([*row()[:17], "peer", "1.1", 4], row()[16]),
        ([*row(), "peer", "1.1", 4], row()[16]),
    ],
    ids=["16", "17 uniqueid", "17 userfield", "18", "19", "20", "21"],
)
def test_all_column_counts(tmp_path: Path, fields: list[object], uniqueid: str) -> None:
    (call,) = read(tmp_path, text([fields])).calls
    assert call.uniqueid == uniqueid


@pytest.mark.parametrize(
    ("said", "disposition", "cause"),
    [
        ({}, Disposition.TALKED, 16),
        ({"billsec": 0}, Disposition.ABANDONED, 16),
        ({"disposition": "BUSY"}, Disposition.HUNGUP, 17),
        ({"disposition": "FAILED"}, Disposition.HUNGUP, 38),
        ({"disposition": "CONGESTION"}, Disposition.HUNGUP, 34),
        ({"dstchannel": ""}, Disposition.ABANDONED, 16),  # answered by the queue, by no operator
        ({"dstchannel": "", "lastapp": "WaitExten"}, Disposition.HUNGUP, 16),
        ({"dstchannel": "", "lastapp": "Dial"}, Disposition.TALKED, 16),
    ],
)
def test_how_it_ended(tmp_path: Path, said: dict[str, object], disposition: Disposition, cause: int) -> None:
    (call,) = read(tmp_path, text([row(**said)])).calls  # type: ignore[arg-type]
    assert (call.disposition, call.cause) == (disposition, cause)


def test_lines_stand_by_their_end_and_are_replayed_by_their_start(tmp_path: Path) -> None:
    rows = [row(2, at=10, duration=5), row(3, at=10, duration=6), row(1, at=0, duration=600)]
    past = read(tmp_path, text(rows[::-1]))
    assert [call.uniqueid.rpartition(".")[2] for call in past.calls] == ["1", "2", "3"]


def test_legs_of_a_call_are_one_call(tmp_path: Path) -> None:
    """A queue rings two operators, the second takes the call and hands it on."""
    legs = [(0, 20, 0), (20, 50, 40), (70, 30, 30)]
    rows = [row(1, *leg, uniqueid="1772452800.1") for leg in legs] + [row(2, at=5)]
    first, other = read(tmp_path, text(rows)).calls
    assert (first.start, first.ended) == (NOON.timestamp(), NOON.timestamp() + 100)
    assert (first.disposition, first.queue_wait, first.talk_time) == (Disposition.TALKED, 30.0, 70.0)
    assert other.src == "6125550002"


def test_linkedid_joins_channels(tmp_path: Path) -> None:
    """newcdrcolumns: the Local channel of an operator is no call that came in."""
    ids = "1772452800.1"
    rows = [
        [*row(2, at=3, duration=9, billsec=5, src="op", uniqueid="1772452800.2"), "", ids, 1],
        [*row(1, at=0, duration=30, billsec=20, uniqueid=ids), "", ids, 2],
    ]
    (call,) = read(tmp_path, text(rows)).calls
    assert (call.uniqueid, call.src) == (ids, "6125550001")


def test_hostile_text(tmp_path: Path) -> None:
    nasty = 'a"b,c\n"","x"\r\n;=cmd()\x00\x1b[31m'
    past = read(tmp_path, text([row(1, clid=nasty), row(2, src=nasty, userfield=nasty), row(3)]))
    assert [call.src for call in past.calls] == ["6125550001", nasty[:80], "6125550003"]


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    (call,) = read(tmp_path, text([row(src="SRC")]).encode().replace(b"SRC", b"\xff\xfe1")).calls
    assert call.src == "\\xff\\xfe1"


BAD = [
    (row_with("start", "2026-02-30 12:00:00"), "start = 2026-02-30 12:00:00: there is no such time"),
    (row_with("start", "yesterday"), "start = yesterday: write a local time such as"),
    (row_with("end", "2026"), "end = 2026: "),
    (row_with("billsec", "x"), "billsec = x: write whole seconds"),
    (row_with("duration", "-5"), "duration = -5: write whole seconds"),
    (row_with("duration", "9" * 5000), "duration = 9999"),
    (row_with("disposition", "MAYBE\x1b"), r"disposition = MAYBE\x1b: write one of ANSWERED"),
    (row()[:9], "columns = 9: cdr_csv writes 16 to 18"),
]


@pytest.mark.parametrize(("fields", "said"), BAD, ids=[said.split(" ")[0] for _, said in BAD])
def test_bad_lines_are_told(tmp_path: Path, fields: list[object], said: str) -> None:
    lines = text([row(1), fields, row(3)])
    with pytest.raises(HistoryError) as error:
        read(tmp_path, lines)
    assert f"{tmp_path / 'Master.csv'}:2: {said}" in str(error.value)
    past = read(tmp_path, lines, skip_bad=True)
    assert (len(past.calls), past.bad) == (2, 1)


def test_a_quote_that_never_closes_spoils_its_own_line(tmp_path: Path) -> None:
    lines = text([row(n, at=n) for n in range(1, 60)]).splitlines(keepends=True)
    lines[10] = lines[10].replace('"from-trunk"', '"from-trunk')
    past = read(tmp_path, "".join(lines), skip_bad=True)
    assert (len(past.calls), past.bad) == (58, 1)
    assert past.problems[0].line == 11


def test_endless_complaints_are_bounded(tmp_path: Path) -> None:
    with pytest.raises(HistoryError) as error:
        read(tmp_path, "no,cdr\n" * 5000)
    assert len(str(error.value).splitlines()) == 22
    assert "5,000 bad lines" in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is no call"),
        (b"\x1f\x8b0000", "is compressed"),
        (b"SQLite format 3\x00" + b"x" * 200, "database"),
    ],
)
def test_files_of_another_kind(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Exception, match=said):
        read(tmp_path, content)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(HistoryError, match="is a pipe"):
        read_past(tmp_path / "pipe")


def test_only_some_contexts(tmp_path: Path) -> None:
    lines = text([row(1), row(2, dcontext="from-internal")])
    assert len(read(tmp_path, lines, contexts=frozenset({"from-trunk"})).calls) == 1
    with pytest.raises(HistoryError, match="no call of context nowhere"):
        read(tmp_path, lines, contexts=frozenset({"nowhere"}))


def test_another_zone_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    path.write_text(text([row(n) for n in range(5)]))
    (note,) = read_past(path, ZoneInfo("Asia/Tokyo")).notes
    assert "9 h after their start: is --timezone right?" in note
    assert read_past(path, UTC).notes == ()


CHICAGO = ZoneInfo("America/Chicago")


def test_an_hour_that_comes_twice() -> None:
    """1 November 2026, 01:30 in Chicago is 06:30 and 07:30 UTC."""
    times, twice = LocalTimes(CHICAGO), "2026-11-01 01:30:00"
    first = times.at(twice)
    assert times.at(twice, f"{int(first) + 3600}.5") == first + 3600
    assert times.at(twice, f"pbx-{int(first)}.5") == first
    assert times.at(twice, "", 60.0, first + 3500) == first + 3600  # the line before it ended later
    assert times.at(twice, "", 60.0, first + 30) == first
    assert times.at("2026-11-01 03:00:00") == first + 2.5 * 3600


@given(st.integers(0, 4_000_000_000))
@settings(max_examples=200)
def test_every_moment_is_read_as_it_was_shown(seconds: int) -> None:
    times = LocalTimes(CHICAGO)
    assert times.at(times.shown(seconds), f"{seconds}.1") == seconds or seconds < 100_000_000


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=30))
@settings(max_examples=100, deadline=None)
def test_quoted_rows_come_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_text(text(list(rows)), encoding="utf-8", newline="")  # type: ignore[arg-type]
    problems = Problems()
    assert [fields for _, fields in csv_rows(path, problems)] == rows
    assert problems.count == 0


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, rubbish: bytes) -> None:
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(rubbish)
    lines = [line for line, _ in csv_rows(path, Problems())]
    assert lines == sorted(set(lines))
