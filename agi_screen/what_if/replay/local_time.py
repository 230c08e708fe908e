"""The local times of a CDR → seconds since 1970 UTC. A CDR names no zone; hours that come twice in autumn do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from agi_screen.base.errors import AgiScreenError

MEND = "write a local time such as 2026-11-01 08:00:00"
_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_EPOCH = re.compile(r"(?:.*-)?([0-9]{9,10})\.[0-9]+")
_SECONDS = {f":{second:02}": float(second) for second in range(60)}
_MOST_MINUTES = 200_000
_LATE = 60.0  # how much earlier than the line before it a line of the log may have ended


class TimeError(AgiScreenError):
    """A text that is no time; the message is the mend."""


def epoch_of(uniqueid: str) -> int | None:
    """The second in which Asterisk made the channel, which is how a uniqueid begins."""
    found = _EPOCH.fullmatch(uniqueid)
    return int(found[1]) if found else None


class LocalTimes:
    """`zone` None is this machine's. Minutes are remembered: calls of one minute share the costly part."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._minutes: dict[str, float] = {}

    def at(self, text: str, uniqueid: str = "", duration: float = 0.0, after: float = 0.0) -> float:
        """Raises TimeError. Of an hour that comes twice: the one the uniqueid tells of, else the one in which a call
        of this `duration` did not end before `after`, the end of the line before it in the log."""
        try:
            return self._minutes[text[:16]] + _SECONDS[text[16:]]
        except KeyError:
            return self._read(text, uniqueid, duration, after)

    def all_at(self, texts: Sequence[str]) -> list[float]:
        """Those of many, quickly. Raises TimeError, and KeyError where one stands in an hour that comes twice."""
        minutes = {text[:16] for text in texts}
        if len(self._minutes) + len(minutes) > _MOST_MINUTES:
            self._minutes.clear()
        for minute in minutes.difference(self._minutes):
            self._read(f"{minute}:00", "", 0.0, 0.0)
        known = self._minutes
        return [known[text[:16]] + _SECONDS[text[16:]] for text in texts]

    def shown(self, moment: float) -> str:
        """A moment as a CDR would write it."""
        utc = datetime.fromtimestamp(moment, UTC)
        return utc.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def _read(self, text: str, uniqueid: str, duration: float, after: float) -> float:
        if not _SHAPE.fullmatch(text):
            raise TimeError(MEND)
        try:
            minute = datetime.fromisoformat(text[:16])
            first, second = (minute.replace(tzinfo=self._zone, fold=fold).timestamp() for fold in (0, 1))
            seconds = _SECONDS[text[16:]]
        except (ValueError, KeyError, OverflowError, OSError) as error:
            raise TimeError(f"there is no such time; {MEND}") from error
        if first < second:
            return _one_of(first + seconds, second + seconds, uniqueid, duration, after)
        if len(self._minutes) >= _MOST_MINUTES:
            self._minutes.clear()
        self._minutes[text[:16]] = first
        return first + seconds


def _one_of(first: float, second: float, uniqueid: str, duration: float, after: float) -> float:
    epoch = epoch_of(uniqueid)
    if epoch is not None:
        return min((first, second), key=lambda moment: abs(moment - epoch))
    return first if first + duration >= after - _LATE else second
