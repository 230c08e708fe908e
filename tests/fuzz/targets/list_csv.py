"""Files of list entries and of complaints: what is taken is an entry, and can be written and read again."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from zlib import crc32

from agi_screen.base.list_csv import write_csv
from agi_screen.base.list_entries import pattern_regex
from agi_screen.base.list_file import FileError, Row, lines_of, rows_of
from agi_screen.base.list_gather import MAX_REASON, EntryMaker
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import ListEntry, ListName, MatchKind
from agi_screen.commands.complaint_file import Complaints, recognised
from tests.fuzz.target import Target
from tests.made import NOON

FTC = b"Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject\n"
FCC = b"Ticket ID,Ticket Created,Date of Issue,Time of Issue,Form,Method,Issue,Caller ID Number,City,State,Zip\n"
SEEDS = (
    b"+14155552671\n4155552672\n+1415*\n_+1NXX555XXXX\n# a comment\n",
    b'number,reason,expires\n+14155552671,hammers,7d\n+442079460000,"says ""hi""",2027-01-31\n',
    b"\xef\xbb\xbfnumber,list,reason\n14155552671,deny,x\n",
    FTC + b"4155552671,2026-09-23 00:00:00,2026-09-22 11:00:00,St Paul,Minnesota,651,Other\n" * 3,
    FCC + b"7,09/23/2026 01:00:00 AM,09/22/2026,1:00 p.m.,Phone,Wired,Unwanted Calls,415-555-2671,Eagan,MN,55121\n",
)
WORDS = (
    *(
        b'"',
        b'""',
        b",",
        b"\r",
        b"\n",
        b"#",
        b"*",
        b"_",
        b"+1",
        b"[2-5]",
        b"[",
        b".",
        b"!",
        b"X",
        b"Z",
        b"7d",
        b"2026-12-31",
    ),
    *(b"9999-12-31T23:59:59", b"0001-01-01", b"-5m", b"number,reason,expires", b"9/31/2026", b"None", b"000-000-0000"),
)


EVERY_WRITTEN = 10


class ListCsv(Target):
    """Bad lines are told as one line each; good ones are bounded; a written list is the same when it is read again."""

    name = "list_csv"
    what = "list files and the FTC's and FCC's complaint files"
    words = WORDS
    between = b","
    seeds = SEEDS
    modules = ("agi_screen.base.list_file", "agi_screen.base.list_entries", "agi_screen.commands.complaint_file")

    def __init__(self) -> None:
        self._plan = NumberPlan("US", 1000)

    def take(self, data: bytes) -> None:
        try:
            rows = list(rows_of("the file", io.BytesIO(data).readline))
        except FileError as error:
            assert str(error).isprintable()
            return
        if rows and recognised(rows[0].cells):
            self._complaints(rows)
        maker = self._maker(rows)
        entries = [entry for group in maker.gathered.groups() for entry in group.entries()]
        for entry in entries:
            assert len(entry.value) <= 80
            assert len(entry.reason) <= MAX_REASON
            assert entry.value.isascii()
            assert entry.kind is not MatchKind.PATTERN or pattern_regex(entry.value)
        if crc32(data) % EVERY_WRITTEN == 0:
            self._again(maker, entries)

    def _again(self, maker: EntryMaker, entries: list[ListEntry]) -> None:
        text = io.StringIO()
        write_csv(text, entries)
        again = self._maker(rows_of("again", io.BytesIO(text.getvalue().encode("utf-8", "replace")).readline))
        assert set(again.gathered.values) == set(maker.gathered.values)

    def _maker(self, rows: object) -> EntryMaker:
        maker = EntryMaker(self._plan, NOON, ListName.DENY, "import x")
        for problem in maker.take_all("x", lines_of(rows)):  # type: ignore[arg-type]
            assert str(problem).isprintable(), ascii(str(problem))
        return maker

    def _complaints(self, rows: list[Row]) -> None:
        kind = recognised(rows[0].cells)
        assert kind is not None
        complaints = Complaints(kind, self._plan, date(2026, 1, 1), date(2026, 11, 24))
        complaints.read(Path("x"), rows)
        for number, said in complaints.numbers(1):
            assert number.startswith("+")
            assert said.voices >= 1
