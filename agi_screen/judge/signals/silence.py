"""No key that answers anything, from the first question to the last. Deaf people are silent too: weak."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`full`: questions without an answer that are full strength."""

    full: Annotated[int, Field(ge=1)]


class Silence(Signal[Params]):
    """Speaks of questions that were said whole: who hangs up before is left to `first_hangup`."""

    name = "silence"
    group = "conduct"
    reads = Reads.CONDUCT
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        conduct = facts.conduct
        if conduct is None or any(attempt.keys for attempt in conduct.attempts):
            return None
        questions = sum(attempt.took > attempt.asked for attempt in conduct.attempts)
        if not questions:
            return None
        return Finding(min(1.0, questions / self.params.full), f"{questions} questions, no answer")
