"""A user agent that scanners and attack tools send. Who writes such a tool can change the word, so few will be met;
those that are met are no people."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams

REMEMBERED = 256  # a trunk's calls bear the same few user agents
Pattern = Annotated[str, Field(min_length=3, max_length=80)]


class FingerprintParams(SignalParams):
    """`agents`: words that give a tool away, wherever they stand in the User-Agent header, in any case."""

    agents: Annotated[tuple[Pattern, ...], Field(max_length=1000)]


class Fingerprint(Signal[FingerprintParams]):
    """Speaks at full strength or not at all."""

    name = "fingerprint"
    group = "identity"
    Params = FingerprintParams

    def __init__(self, params: FingerprintParams) -> None:
        super().__init__(params)
        self._words = tuple((word.lower(), Finding(1.0, f"user agent of {word}")) for word in params.agents)
        self._known: dict[str, Finding | None] = {"": None}

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        agent = call.agent
        if agent in self._known:
            return self._known[agent]
        if len(self._known) > REMEMBERED:
            self._known = {"": None}
        found = self._known[agent] = self._found(agent.lower())
        return found

    def _found(self, agent: str) -> Finding | None:
        return next((finding for word, finding in self._words if word in agent), None)
