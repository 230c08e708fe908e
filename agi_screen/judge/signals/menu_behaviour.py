"""Earlier calls of this number that pressed one early key in our menu and then nothing: no person listens like that."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.signal import Facts, Finding, Reads, Signal, SignalParams


class Params(SignalParams):
    """`full`: so many idle calls say everything."""

    full: Annotated[int, Field(ge=1)]


class MenuBehaviour(Signal[Params]):
    """Weighed by the share of such calls: who also found a way through the menu is likely a person."""

    name = "menu_behaviour"
    group = "behaviour"
    reads = Reads.HISTORY
    Params = Params

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        history = facts.caller
        if not history.idle or history.known:
            return None
        strength = min(1.0, history.idle / self.params.full) * history.idle / max(history.idle, history.menus)
        return Finding(strength, f"{history.idle} of {history.menus} calls idle in the menu")
