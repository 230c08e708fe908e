"""The real path of a call without its sockets: screen, judge and CAPTCHA of the shipped configuration."""

from __future__ import annotations

from agi_screen.base.clock import ManualClock
from agi_screen.base.numbers import NumberPlan
from agi_screen.base.records import CallRecord
from agi_screen.base.toml_file import DEFAULTS, read_tables
from agi_screen.judge.judge import Judge
from agi_screen.judge.lists import Lists
from agi_screen.judge.passes import PassBook
from agi_screen.reply.captcha.captcha import CaptchaRoom
from agi_screen.screen import Screen
from agi_screen.settings import Settings, laid_over_defaults
from tests.made import NOON

# Small tables are soon full: what grows after that grows for ever.
SMALL = {
    "limiter": {"capacity": 4096},
    "callers": {"capacity": 1000},
    "blocks": {"capacity": 1000},
    "passes": {"capacity": 1000},
    "numbers": {"cache": 1000},
    "captcha": {"sounds": "/nonexistent"},
}


def small_settings() -> Settings:
    return laid_over_defaults(dict(SMALL), DEFAULTS, read_tables(DEFAULTS)[1])


class LastRecord:
    """A trail that keeps the last call alone."""

    watches = True

    def __init__(self) -> None:
        self._record: CallRecord | None = None

    def taken(self) -> CallRecord | None:
        """The last call since it was asked last."""
        record, self._record = self._record, None
        return record

    def challenged(self, uniqueid: str) -> None:
        """Counted by nobody."""

    def spoken(self, uniqueid: str) -> float:
        return 0.0

    def decided(self, record: CallRecord) -> None:
        self._record = record

    def feedback(self, operator: str, label: str) -> bool:
        return False


class MadeScreen:
    """`clock` is moved on with each call, or every call would come in the same moment."""

    def __init__(self) -> None:
        settings = small_settings()
        config = settings.config
        self.clock = ManualClock(NOON)
        self.trail = LastRecord()
        self.plan = NumberPlan(config.numbers.region, config.numbers.cache)
        passes = PassBook(config.passes.capacity, self.clock, config.passes.uses, config.passes.time)
        self.judge = Judge(config, settings.signals, Lists.build([], NOON), passes, NOON)
        room = CaptchaRoom(config.captcha, settings.challenges, self.clock)
        self.screen = Screen(config.captcha, self.plan, self.judge, room, self.trail, self.clock)
        self.room = room
