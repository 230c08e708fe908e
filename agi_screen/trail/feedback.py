"""An operator's word on a caller: which call the operator's telephone talked to last, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection

from cachetools import LRUCache

from agi_screen.base.records import CallRecord, Feedback


class FeedbackBook:
    """Remembers the newest calls by channel, so that a feature code can name one. Bounded: the oldest go."""

    def __init__(self, capacity: int) -> None:
        self._calls: LRUCache[str, tuple[str, str]] = LRUCache(capacity)

    def remember(self, record: CallRecord) -> None:
        self._calls[record.uniqueid] = (record.id, record.caller or record.caller_raw)

    def forget(self, names: Collection[str]) -> int:
        """Forgets the calls of a caller; returns how many."""
        mine = [uniqueid for uniqueid, (_, caller) in self._calls.items() if caller in names]
        for uniqueid in mine:
            del self._calls[uniqueid]
        return len(mine)

    def mark(self, uniqueid: str | None, label: str, operator: str, at: float) -> Feedback | None:
        """None when the call is not remembered (any more)."""
        call = self._calls.get(uniqueid) if uniqueid else None
        return Feedback(call[0], call[1], label, operator, at) if call else None
