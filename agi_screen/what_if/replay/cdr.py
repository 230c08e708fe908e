"""Asterisk's Master.csv → the calls that came in. Lines stand there in the order of the calls' ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from operator import itemgetter
from pathlib import Path

from agi_screen.base.errors import AgiScreenError, Problem
from agi_screen.base.records import Disposition
from agi_screen.base.text import escape
from agi_screen.what_if.replay.csv_rows import Row, csv_rows
from agi_screen.what_if.replay.legs import Legs
from agi_screen.what_if.replay.local_time import LocalTimes, TimeError, epoch_of
from agi_screen.what_if.replay.past import Past, PastCall, Problems, Source

# accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end duration billsec disposition
# amaflags, then uniqueid and userfield where cdr.conf wants them, then peeraccount linkedid sequence in new files.
SRC, DST, CONTEXT, CHANNEL, DSTCHANNEL, LASTAPP, START, END = 1, 2, 3, 5, 6, 7, 9, 11
DURATION, BILLSEC, DISPOSITION, UNIQUEID = 12, 13, 14, 16
LEAST, MOST = 16, 21
MAX_TEXT = 80
TALKED = Disposition.TALKED
_new = tuple.__new__
LONGEST = 10 * 86_400
ASKED_OF_ZONE = 2000

# By the word: how the call ended, and the hang-up cause Q.850 has for it.
_ENDS = {
    "ANSWERED": (Disposition.TALKED, 16),
    "NO ANSWER": (Disposition.ABANDONED, 16),
    "NOANSWER": (Disposition.ABANDONED, 16),
    "BUSY": (Disposition.HUNGUP, 17),
    "FAILED": (Disposition.HUNGUP, 38),
    "CONGESTION": (Disposition.HUNGUP, 34),
}
# Answered by Asterisk itself, with nobody on the other side.
_NO_OPERATOR = frozenset(
    [
        *("queue", "playback", "background", "read", "waitexten", "wait", "answer", "agi", "voicemail", "hangup"),
        *("playtones", "musiconhold", "goto", "gotoif"),
    ]
)


class BadFieldError(AgiScreenError):
    """A field of a line is not what cdr_csv writes there."""

    def __init__(self, name: str, value: str, mend: str) -> None:
        super().__init__(mend)
        self.name, self.value, self.mend = name, value, mend


@dataclass(slots=True)
class CdrReader:
    """Reads one file. `contexts`: only calls that came into one of these dialplan contexts; none: all."""

    path: Path
    times: LocalTimes
    contexts: frozenset[str] = frozenset()
    read: Callable[[int], None] = lambda _: None
    problems: Problems = field(default_factory=Problems)
    _after: float = -inf
    _whole: dict[str, float] = field(default_factory=dict)
    _shared: dict[str, str] = field(default_factory=dict)

    def past(self) -> Past:
        """All calls, in the order of their start. Bad lines are in `problems`. Raises OSError."""
        legs = Legs()
        for key, call in self._calls():
            legs.add(key, call)
        calls = in_order(legs.calls())
        problems = self.problems
        return Past(Source.CDR, calls, problems.count, tuple(problems.first), self._notes(legs))

    def _calls(self) -> Iterator[tuple[str, PastCall]]:
        call_of, contexts = self._call, self.contexts
        for line, row in csv_rows(self.path, self.problems, self.read):
            if not row or (line == 1 and row[0] == "accountcode"):
                continue
            try:
                call = call_of(row)
            except BadFieldError as error:
                self.problems.add(Problem(str(self.path), error.name, escape(error.value, 60), error.mend, line))
                continue
            if not contexts or row[CONTEXT] in contexts:
                yield (row[-2] if len(row) > 18 else "") or call.uniqueid, call

    def _call(self, row: Row) -> PastCall:
        # A million of these must take seconds: what is known already is looked up here, without a further call.
        columns = len(row)
        uniqueid = row[UNIQUEID][:MAX_TEXT] if columns == 18 else _uniqueid(row, columns)
        try:
            duration, billsec = self._whole[row[DURATION]], self._whole[row[BILLSEC]]
        except KeyError:
            duration, billsec = self._seconds(row, DURATION, "duration"), self._seconds(row, BILLSEC, "billsec")
        disposition, cause = _ENDS.get(row[DISPOSITION]) or _unknown_end(row)
        if disposition is TALKED and not row[DSTCHANNEL]:
            disposition = _without_operator(row[LASTAPP])
        start = self._moment(row, START, "start", uniqueid, duration, self._after)
        ended = start + duration
        if row[END]:  # the later of the two: nothing may be known too early
            ended = max(ended, self._moment(row, END, "end", "", 0.0, ended))
        self._after = ended
        if disposition is TALKED:
            wait, talk = duration - billsec, billsec
        else:
            wait, talk = duration, 0.0
        src, dst, channel = row[SRC][:MAX_TEXT], row[DST][:MAX_TEXT], row[CHANNEL][:MAX_TEXT]
        trunk = channel.rpartition("-")[0] or channel
        shared = self._shared
        dst, trunk = shared.setdefault(dst, dst), shared.setdefault(trunk, trunk)
        # Past the named fields' own constructor, which takes twice as long.
        return _new(
            PastCall, (start, uniqueid, row[START], src, dst, trunk, ended, disposition, wait, talk, cause, None)
        )

    def _seconds(self, row: Row, place: int, name: str) -> float:
        text = row[place]
        found = self._whole.get(text)
        if found is None:
            if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= LONGEST):
                raise BadFieldError(name, text, f"write whole seconds from 0 to {LONGEST}")
            found = self._whole[text] = float(text)
        return found

    def _moment(self, row: Row, place: int, name: str, uniqueid: str, duration: float, after: float) -> float:
        try:
            return self.times.at(row[place], uniqueid, duration, after)
        except TimeError as error:
            raise BadFieldError(name, row[place], str(error)) from error

    def _notes(self, legs: Legs) -> tuple[str, ...]:
        merged = [f"{legs.merged:,} lines are further legs of a call, and were put to it"] if legs.merged else []
        return (*merged, *_zone_note(legs.calls()[:ASKED_OF_ZONE]))


def in_order(calls: list[PastCall]) -> list[PastCall]:
    """By start. A CDR's start has whole seconds: within one, the number at the end of the uniqueid tells who came
    first, for Asterisk counts its channels."""
    calls.sort(key=_count_of)
    calls.sort(key=itemgetter(0))
    return calls


def _count_of(call: PastCall) -> int:
    try:
        return int(call[1][-19:].rpartition(".")[2])
    except ValueError:
        return 0


def _uniqueid(row: Row, columns: int) -> str:
    if not LEAST <= columns <= MOST:
        raise BadFieldError("columns", str(columns), "cdr_csv writes 16 to 18 columns, or 21 with newcdrcolumns")
    if columns in (LEAST, 19):
        return ""
    uniqueid = row[UNIQUEID][:MAX_TEXT]
    # With 17 or 20 the one column more may be userfield.
    return "" if columns in (17, 20) and epoch_of(uniqueid) is None else uniqueid


def _unknown_end(row: Row) -> tuple[Disposition, int]:
    raise BadFieldError("disposition", row[DISPOSITION], f"write one of {', '.join(_ENDS)}")


def _without_operator(app: str) -> Disposition:
    app = app.lower()
    if app == "queue":
        return Disposition.ABANDONED
    return Disposition.HUNGUP if app in _NO_OPERATOR else Disposition.TALKED


def _zone_note(calls: list[PastCall]) -> list[str]:
    """Uniqueids begin with the true time: they tell when the file's zone is another than was thought."""
    epochs = ((call.start, epoch_of(call.uniqueid)) for call in calls)
    off = Counter(round((start - epoch) / 900) for start, epoch in epochs if epoch is not None)
    if not off:
        return []
    quarters, count = off.most_common(1)[0]
    if quarters == 0 or abs(quarters) > 26 * 4 or count < 0.9 * off.total():
        return []
    side = "before" if quarters > 0 else "after"
    return [f"the calls' uniqueids are {abs(quarters) / 4:g} h {side} their start: is --timezone right?"]
