"""How often a CAPTCHA is offered: a robot that understands the question must not be asked for ever."""

from __future__ import annotations

from collections.abc import Callable

from agi_screen.base.buckets import Buckets, Limit
from agi_screen.base.call import Call, NumberKind
from agi_screen.base.config import Captcha
from agi_screen.base.units import Rate

CALLERS, BLOCKS, HUMANS, EASY = range(4)
REMEMBERED = 200_000
BLOCK_DIGITS = 3  # of +1 415 555 2671 the block is 415-555-2xxx
SHORTEST = 9  # characters of an E.164 number that has a block
EVERYBODY = "all"
NAMELESS = (NumberKind.ANONYMOUS, NumberKind.ABSENT)


class Offers:
    """Token buckets of each caller and each number block, of unpassed callers let through, and of one-key questions."""

    def __init__(self, config: Captcha, easy: Rate) -> None:
        self.listener: Callable[[Call], None] | None = None  # who tells the other machines
        self._limits = _limits(config, easy)
        self._buckets = Buckets(REMEMBERED, self._limits)

    def configure(self, config: Captcha, easy: Rate) -> None:
        """Takes other limits; who was asked before still was."""
        self._limits = _limits(config, easy)
        self._buckets.set_limits(self._limits)

    @property
    def caller_limit(self) -> Limit:
        """Of CAPTCHAs offered to one number: on all machines together, where they share what they know."""
        return self._limits[CALLERS]

    def lift(self, call: Call, lacking_ns: int) -> None:
        """What other machines offered this caller."""
        self._buckets.lift(CALLERS, call.caller.key, call.ticks, lacking_ns)

    def take(self, call: Call) -> bool:
        """Whether this caller may be asked once more. Withheld numbers are many people, and have no limit."""
        who = call.caller
        if who.kind in NAMELESS:
            return True
        left = self._buckets.take(CALLERS, who.key, call.ticks)
        if self.listener is not None:
            self.listener(call)
        if len(who.e164) >= SHORTEST:
            left = min(left, self._buckets.take(BLOCKS, who.e164[:-BLOCK_DIGITS], call.ticks))
        return left >= 0

    def human(self, ticks: int) -> bool:
        """Whether one more who did not pass may have an operator."""
        return self._buckets.take(HUMANS, EVERYBODY, ticks) >= 0

    def easy(self, ticks: int) -> bool:
        """Whether one more may be asked for one key only."""
        return self._buckets.take(EASY, EVERYBODY, ticks) >= 0


def _limits(config: Captcha, easy: Rate) -> list[Limit]:
    """In the order of the kinds above."""
    rates = (config.per_caller, config.per_block, config.human_rate, easy)
    return [Limit(rate.interval_ns, rate.tokens) for rate in rates]
