"""What is known of one call under way: spans of time, and how it turns into a CallEnd."""

from __future__ import annotations

from dataclasses import dataclass, field

from agi_screen.base.config import Menu
from agi_screen.base.records import CallEnd, CallRecord, Disposition
from agi_screen.trail.menu import MenuWatch


@dataclass(slots=True)
class Span:
    """Time added up over several stretches; starting twice or stopping twice changes nothing."""

    total: float = 0.0
    seen: bool = False
    _since: float | None = None

    def start(self, now: float) -> None:
        self.seen = True
        if self._since is None:
            self._since = now

    def restart(self, now: float) -> None:
        """Starts, and lets go of the stretch that was running."""
        self.seen = True
        self._since = now

    def stop(self, now: float) -> None:
        self.total = self.upto(now)
        self._since = None

    def stop_after(self, seconds: float, now: float) -> None:
        """Stops, told how much of the stretch that was running counts; 0 for all of it."""
        if self._since is not None and seconds > 0.0:
            now = min(now, self._since + seconds)
        self.stop(now)

    def add(self, seconds: float) -> None:
        """Time known from elsewhere."""
        self.total += seconds
        self.seen = True

    def upto(self, now: float) -> float:
        """The total, the running stretch included."""
        return self.total + (now - self._since if self._since is not None else 0.0)


@dataclass(slots=True)
class TrackedCall:
    """A screened call. `record` is how it was decided, `leg` the operator's channel while they talk, `connected` that
    a queue said so."""

    uniqueid: str
    began: float
    menu: MenuWatch
    rejected: bool = False
    record: CallRecord | None = None
    queue: str = ""
    operator: str = ""
    leg: str = ""
    connected: bool = False
    waiting: Span = field(default_factory=Span)
    talk: Span = field(default_factory=Span)
    speech: Span = field(default_factory=Span)

    def end(self, ended: float, cause: int) -> CallEnd:
        return CallEnd(
            uniqueid=self.uniqueid,
            ended=ended,
            cause=cause,
            disposition=self._disposition(),
            queue=self.queue,
            queue_wait=self.waiting.total,
            talk_time=self.talk.total,
            operator=self.operator,
        )

    def idle(self, times: Menu, ended: float) -> bool | None:
        """Whether the caller did nothing in our menus but press one early key; None where no key was seen."""
        if not self.menu.keys:
            return None
        talked = self.talk.total if self.talk.seen else None
        queued = self.waiting.seen or bool(self.queue)
        return not self.speech.seen and self.menu.idle(times, ended, queued=queued, talked=talked)

    def _disposition(self) -> Disposition:
        """Abandoned is who joined a queue and never talked: Asterisk says so of a queue's time-out as well."""
        if self.talk.seen:
            return Disposition.TALKED
        if self.waiting.seen or self.queue:
            return Disposition.ABANDONED
        return Disposition.REJECTED if self.rejected else Disposition.HUNGUP


def interface_of(channel: str) -> str:
    """`PJSIP/anna` of `PJSIP/anna-0000001f`; `Local/7@desk/n` has no channel number and stays."""
    name, dash, number = channel.rpartition("-")
    return name if dash and number.split(";")[0].isalnum() and "/" not in number else channel


def whole_number(text: str, most: int = 86_400) -> int:
    """A number from the wire; 0 where it is none, or greater than it can be."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
    return number if number <= most else 0
