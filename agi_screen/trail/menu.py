"""How a caller goes through this centre's own menus: the keys after the verdict, by AMI; which keys is never kept.

A robot that jams lines presses one early key, for the language, and then nothing. A person in a menu presses on,
talks, or hangs up. Waiting in the queue after one key is what everybody does, and says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from agi_screen.base.config import Menu

SETTLING = 1.0  # seconds: the last key of a CAPTCHA may be told after its verdict


@dataclass(slots=True)
class MenuWatch:
    """The keys of one call; moments in seconds of the clock that never steps back."""

    began: float
    keys: int = 0
    first: float = 0.0
    operator_left: bool = False

    def pressed(self, now: float) -> None:
        if now >= self.began:
            self.first = self.first if self.keys else now
            self.keys += 1

    def anew(self, now: float) -> None:
        """The verdict came after a CAPTCHA, whose keys are none of the menu's."""
        self.began = now + SETTLING
        self.keys = 0
        self.first = 0.0

    def idle(self, times: Menu, ended: float, *, queued: bool, talked: float | None) -> bool:
        """Whether that was all: of a call that never spoke. `talked` in seconds, None who reached nobody."""
        if self.keys != 1 or self.first - self.began > times.early:
            return False
        if talked is not None:
            return self.operator_left and talked < times.short_talk
        return not queued and ended - self.first >= times.silence
