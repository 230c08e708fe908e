"""A fax or a modem is calling: its tone was heard while we asked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`modem`: strength of a modem's tone (2100 Hz); a fax's (1100 Hz) is full strength."""

    modem: Annotated[float, Field(ge=0, le=1)]


class MachineTone(Signal[Params]):
    """Asterisk hears it where its module res_tonedetect is loaded; else the signal is silent."""

    name = "machine_tone"
    group = "conduct"
    reads = Reads.CONDUCT
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        tone = facts.conduct.tone if facts.conduct is not None else ""
        if tone == "fax":
            return Finding(1.0, "the tone of a fax")
        return Finding(self.params.modem, "the tone of a modem") if tone == "modem" and self.params.modem else None
