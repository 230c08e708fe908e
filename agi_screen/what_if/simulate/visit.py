"""One call of the simulation, from its arrival to its end."""

from __future__ import annotations

from agi_screen.base.call import Call
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import Decision, Verdict
from agi_screen.what_if.simulate.attacks import AnyAttack
from agi_screen.what_if.simulate.outcome import End
from agi_screen.what_if.simulate.people import Person

ENDS = {
    End.REJECTED: (Verdict.REJECT, Disposition.REJECTED),
    End.DIVERTED: (Verdict.DIVERT, Disposition.HUNGUP),
    End.MENU: (Verdict.ALLOW, Disposition.HUNGUP),
    End.ABANDONED: (Verdict.ALLOW, Disposition.ABANDONED),
    End.SERVED: (Verdict.ALLOW, Disposition.TALKED),
}


class Visit:
    """One call: a person's (`attack` is None) or a robot's."""

    __slots__ = (
        *(
            "attack",
            "call",
            "captcha_time",
            "decision",
            "end",
            "idle",
            "number",
            "person",
            "queued",
            "since",
            "talk",
            "wait",
        ),
    )

    call: Call
    decision: Decision

    def __init__(
        self, number: str, person: Person | None = None, attack: AnyAttack | None = None, since: float = 0.0
    ) -> None:
        self.number = number
        self.since = since  # when this person first tried, in this matter
        self.person = person
        self.attack = attack
        self.captcha_time = self.queued = self.wait = self.talk = 0.0
        self.end: End | None = None
        self.idle: bool | None = None  # one key in the menu, then nothing; None: was not there

    @property
    def repeats(self) -> bool | None:
        return None if self.attack is None else self.attack.repeats


Arrival = tuple[float, Visit]
