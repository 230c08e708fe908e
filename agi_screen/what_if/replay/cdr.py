"""Asterisk's Master.csv → the calls that came in. Lines stand there in the order of the calls' ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from math import inf
from operator import add, itemgetter, sub
from pathlib import Path

from agi_screen.base.errors import AgiScreenError, Problem
from agi_screen.base.records import Disposition
from agi_screen.base.text import escape
from agi_screen.what_if.replay.csv_rows import Row, csv_blocks
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
        for first, rows in csv_blocks(self.path, self.problems, self.read):
            calls = self._quick(rows)
            if calls is not None:
                legs.add_all(calls)
                continue
            for key, call in self._careful(first, rows):
                legs.add(key, call)
        problems = self.problems
        notes = self._notes(legs)
        return Past(Source.CDR, in_order(legs.calls()), problems.count, tuple(problems.first), notes)

    def _careful(self, first: int, rows: list[Row]) -> Iterator[tuple[str, PastCall]]:
        """One by one: the key of its call, and the call."""
        for line, row in enumerate(rows, first):
            if not row or (line == 1 and row[0] == "accountcode"):
                continue
            try:
                call = self._call(row)
            except BadFieldError as error:
                self.problems.add(Problem(str(self.path), error.name, escape(error.value, 60), error.mend, line))
                continue
            if not self.contexts or row[CONTEXT] in self.contexts:
                yield (row[-2] if len(row) > 18 else "") or call.uniqueid, call

    def _quick(self, rows: list[Row]) -> list[PastCall] | None:
        """Ordinary rows by thousands, field by field, in a third of the time; None where one is not ordinary."""
        if self.contexts or set(map(len, rows)) != {18}:
            return None
        fields = list(zip(*rows, strict=True))
        if any(max(map(len, fields[place])) > MAX_TEXT for place in (SRC, DST, CHANNEL, UNIQUEID)):
            return None
        try:
            starts, said = self.times.all_at(fields[START]), self.times.all_at(fields[END])
            durations, talks = (self._all_seconds(fields[place]) for place in (DURATION, BILLSEC))
            ways = [_way(*way) for way in zip(fields[DISPOSITION], fields[DSTCHANNEL], fields[LASTAPP], strict=True)]
        except (KeyError, TimeError, BadFieldError):
            return None
        ended = list(map(max, map(add, starts, durations), said))
        self._after = ended[-1]
        shared = self._shared.setdefault
        dsts = [shared(dst, dst) for dst in fields[DST]]
        trunks = [channel.rpartition("-")[0] or channel for channel in fields[CHANNEL]]
        trunks = [shared(trunk, trunk) for trunk in trunks]
        how, causes = zip(*ways, strict=True)
        talked = [talk if way is TALKED else 0.0 for talk, way in zip(talks, how, strict=True)]
        waits = map(sub, durations, talked)
        head = (starts, fields[UNIQUEID], fields[START], fields[SRC], dsts, trunks, ended)
        columns = zip(*head, how, waits, talked, causes, repeat(None), strict=False)
        return [_new(PastCall, call) for call in columns]

    def _call(self, row: Row) -> PastCall:
        columns = len(row)
        uniqueid = row[UNIQUEID][:MAX_TEXT] if columns == 18 else _uniqueid(row, columns)
        duration, billsec = self._seconds(row[DURATION], "duration"), self._seconds(row[BILLSEC], "billsec")
        try:
            disposition, cause = _way(row[DISPOSITION], row[DSTCHANNEL], row[LASTAPP])
        except KeyError as error:
            mend = f"write one of {', '.join(_ENDS)}"
            raise BadFieldError("disposition", row[DISPOSITION], mend) from error
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

    def _all_seconds(self, texts: Sequence[str]) -> list[float]:
        for text in set(texts).difference(self._whole):
            self._seconds(text, "")
        return [self._whole[text] for text in texts]

    def _seconds(self, text: str, name: str) -> float:
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


def _way(word: str, dstchannel: str, app: str) -> tuple[Disposition, int]:
    """How a call ended, and its hang-up cause. Raises KeyError for a word that is none."""
    found = _ENDS[word]
    if found[0] is not TALKED or dstchannel:
        return found
    app = app.lower()
    if app == "queue":
        return Disposition.ABANDONED, 16
    return (Disposition.HUNGUP, 16) if app in _NO_OPERATOR else found


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
