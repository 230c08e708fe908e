"""Several CDRs of one call become one call: a queue writes one for each operator it rang."""

from __future__ import annotations

from itertools import count

from agi_screen.base.records import Disposition
from agi_screen.what_if.replay.past import PastCall

_TOGETHER = 1.0  # seconds by which a talk may begin before the last one's end and still come after it


class Legs:
    """Calls by their key (`linkedid`, else `uniqueid`); those without one are each a call of their own."""

    def __init__(self) -> None:
        self.merged = 0
        self._calls: list[PastCall] = []
        self._place: dict[str, int] = {}

    def add(self, key: str, call: PastCall) -> None:
        """A leg more."""
        calls = self._calls
        here = len(calls)
        place = self._place.setdefault(key, here) if key else here
        if place == here:
            calls.append(call)
        else:
            self.merged += 1
            calls[place] = _merged(calls[place], call, key)

    def add_all(self, calls: list[PastCall]) -> None:
        """Many calls whose keys are their uniqueids."""
        keys = [call[1] for call in calls]
        new = set(keys)
        if len(new) == len(keys) and "" not in new and self._place.keys().isdisjoint(new):
            self._place.update(zip(keys, count(len(self._calls)), strict=False))
            self._calls += calls
        else:
            for key, call in zip(keys, calls, strict=True):
                self.add(key, call)

    def calls(self) -> list[PastCall]:
        """All calls so far, in the order of their first lines."""
        return self._calls


def _merged(known: PastCall, more: PastCall, key: str) -> PastCall:
    """The caller's own leg says who called whom; the end is the last one's, and who talked once has talked."""
    own = (more.uniqueid == key) - (known.uniqueid == key)
    head = more if own > 0 or (own == 0 and more.start < known.start) else known
    start, ended = min(known.start, more.start), max(known.ended, more.ended)
    span = ended - start
    said = known.said if known.start <= more.start else more.said
    legs = (known, more)
    talks = [leg for leg in legs if leg.disposition is Disposition.TALKED]
    if talks:
        wait = min(leg.start + leg.queue_wait for leg in talks) - start
        rest = (Disposition.TALKED, min(wait, span), min(span, _talk_time(talks)), 16)
    elif any(leg.disposition is Disposition.ABANDONED for leg in legs):
        rest = (Disposition.ABANDONED, span, 0.0, 16)
    else:
        rest = (Disposition.HUNGUP, span, 0.0, more.cause)
    return PastCall(start, head.uniqueid, said, head.src, head.dst, head.trunk, ended, *rest)


def _talk_time(talks: list[PastCall]) -> float:
    """One after the other they add up; at the same time they are one talk through several channels."""
    first, *others = sorted(talks, key=lambda leg: leg.start)
    if not others:
        return first.talk_time
    apart = others[0].start >= first.ended - _TOGETHER
    return first.talk_time + others[0].talk_time if apart else max(first.talk_time, others[0].talk_time)
