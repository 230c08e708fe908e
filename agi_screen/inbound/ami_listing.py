"""Answers that are lists of events, such as that of QueueStatus: kept apart from the events of calls.

They carry the ActionID of their action, which no caller can know, and no `Privilege`. panoramisk would gather them
without bound and take any event with such an id for one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from agi_screen.inbound.ami_types import AmiEvent, AmiList

ACTION_ID = "ActionID"


@dataclass(slots=True)
class Listing:
    """One list that is coming in."""

    kind: AmiList
    done: asyncio.Future[list[AmiEvent]]
    events: list[AmiEvent] = field(default_factory=list)

    def take(self, fields: dict[str, str]) -> None:
        name = fields.get("Event", "")
        if name == self.kind.end:
            if not self.done.done():
                self.done.set_result(self.events)
        elif name in self.kind.wanted and len(self.events) < self.kind.most:
            self.events.append(AmiEvent(name, fields))


def parse_listed(text: str) -> dict[str, str] | None:
    """The headers of one event of a list; None where a caller's text has written lines into it: twins, or no header."""
    lines = text.split("\r\n")
    try:
        fields = dict([line.split(": ", 1) if ": " in line else line.split(":", 1) for line in lines])
    except ValueError:
        return None
    return fields if len(fields) == len(lines) else None
