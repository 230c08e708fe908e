"""What is known of every role so far: filled by AMI events and the operators' telephone, read by table and checks."""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from scripts.demo_.cast import CROWD, Part
from tests.asterisk.ami import Event
from tests.asterisk.desk import Desk

REMEMBERED_LINES = 8


@dataclass(slots=True)
class Row:
    """One role: what the daemon decided of its calls and how many reached an operator."""

    part: Part
    verdicts: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    captcha: Counter[str] = field(default_factory=Counter)
    reasons: str = ""
    reached: int = 0
    trouble: str = ""
    over: bool = False

    @property
    def calls(self) -> int:
        """Calls decided so far."""
        return self.verdicts.total()


class Board:
    """Rows by caller number; who is nobody else belongs to the crowd."""

    def __init__(self, parts: list[Part], desk: Desk) -> None:
        self.rows = {part.name: Row(part) for part in parts}
        self.lines: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._by_number = {part.number: self.rows[part.name] for part in parts if part.number}
        self._desk = desk
        self._seen = 0
        self._begun = time.monotonic()

    @property
    def calls(self) -> int:
        """Calls decided so far, of all roles."""
        return sum(row.calls for row in self.rows.values())

    def row(self, number: str) -> Row | None:
        """Whose number that is."""
        return self._by_number.get(number) or self.rows.get(CROWD)

    def say(self, part: Part, what: str) -> None:
        """One line of the story."""
        self.lines.append(f"{time.monotonic() - self._begun:5.1f} s  {part.name} {what}")

    def listen(self, event: Event) -> None:
        """An AMI event of the harness account."""
        if event.get("UserEvent") != "AgiScreenVerdict":
            return
        row = self.row(event["Caller"])
        if row is None:
            return
        row.verdicts[event["Judged"]] += 1
        row.endings[event["Verdict"]] += 1
        row.captcha[event["Captcha"]] += 1
        row.reasons = event["Final"] or event["Reasons"]
        if row.part.name != CROWD:
            self._tell(row.part, event)

    def _tell(self, part: Part, event: Event) -> None:
        became = "" if event["Verdict"] == event["Judged"] else f", then {event['Verdict']}"
        captcha = "" if event["Captcha"] == "skipped" else f", CAPTCHA {event['Captcha']}"
        why = event["Final"] or event["Reasons"]
        self.say(part, f"was judged {event['Judged']}{f' ({why})' if why else ''}{captcha}{became}")

    def look_at_desk(self) -> None:
        """Counts the calls that reached the operators since the last look."""
        for call in list(self._desk.calls.values())[self._seen :]:
            self._seen += 1
            found = re.search(r"\+\d+", call.caller)
            row = self.row(found[0] if found else "")
            if row is not None:
                row.reached += 1
                if row.part.name != CROWD:
                    self.say(row.part, "talks to an operator")
