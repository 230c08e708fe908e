"""The newest calls, each with its number, so that a viewer can be sent those it has not seen; and how they ended."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from agi_screen.base.records import CallEnd, CallRecord
from agi_screen.base.verdict import Decision

MOST_REASONS = 400


class Ended(NamedTuple):
    """The end of one of these calls. `number` counts ends."""

    number: int
    id: str
    end: CallEnd


class Newest:
    """A ring of so many calls, and another of ends."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self.calls = 0
        self.ends = 0
        self._records: deque[CallRecord] = deque(maxlen=most)
        self._ends: OrderedDict[str, CallEnd] = OrderedDict()  # by the call's id
        self._ended: deque[Ended] = deque(maxlen=most)

    def add(self, records: Sequence[CallRecord]) -> None:
        self.calls += len(records)
        self._records.extend(records[-self._most :])

    def ended(self, record: CallRecord, end: CallEnd) -> None:
        self.ends += 1
        self._ended.append(Ended(self.ends, record.id, end))
        self._ends[record.id] = end
        if len(self._ends) > 2 * self._most:
            self._ends.popitem(last=False)

    def forget(self, names: Collection[str]) -> int:
        """The caller's calls stay in their places, without the number; returns how many."""
        mine = [place for place, r in enumerate(self._records) if r.caller in names or r.caller_raw in names]
        for place in mine:
            self._records[place] = self._records[place]._replace(caller="", caller_raw="", caller_name="")
        return len(mine)

    def calls_after(self, number: int) -> list[dict[str, Any]]:
        """Those after the call of this number, newest first."""
        wanted = max(0, min(self.calls - number, len(self._records)))
        new = list(self._records)[len(self._records) - wanted :]
        return [_shown(record, self._ends.get(record.id)) for record in reversed(new)]

    def ends_after(self, number: int) -> list[dict[str, Any]]:
        """Ends after the one of this number."""
        new = takewhile(lambda ended: ended.number > number, reversed(self._ended))
        return [{"id": ended.id, "end": _shown_end(ended.end)} for ended in new]


def _shown(record: CallRecord, end: CallEnd | None) -> dict[str, Any]:
    reasons = Decision(record.verdict, record.score, record.level, record.evidence, record.final).reasons
    return {
        "id": record.id,
        "at": record.started,
        "caller": record.caller or record.caller_raw,
        "kind": record.caller_kind,
        "name": record.caller_name,
        "dialled": record.dialled,
        "trunk": record.trunk,
        "verdict": record.verdict,
        "told": record.final_verdict,
        "score": round(record.score, 2),
        "level": record.level,
        "captcha": record.captcha,
        "reasons": reasons[:MOST_REASONS],
        "way": record.way,
        "error": record.error,
        "end": _shown_end(end) if end is not None else None,
    }


def _shown_end(end: CallEnd) -> dict[str, Any]:
    return {
        "how": end.disposition,
        "queue": end.queue,
        "wait": round(end.queue_wait, 1),
        "talk": round(end.talk_time, 1),
    }
