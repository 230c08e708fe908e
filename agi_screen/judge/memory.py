"""What the judge knows besides the buckets: callers, blocks, arrivals, the attack level. Bounded, and kept."""

from __future__ import annotations

from collections.abc import Mapping

from agi_screen.base.call import Call
from agi_screen.base.config import BlocksTable, Config
from agi_screen.base.happened import CaptchaDone, Happened
from agi_screen.base.verdict import CaptchaResult
from agi_screen.judge.blocks import WINDOW, Blocks, Limits
from agi_screen.judge.callers import Callers
from agi_screen.judge.level import LevelKeeper
from agi_screen.judge.signal import Facts
from agi_screen.judge.surge import RARE, Surge

JUMP = 60.0  # seconds between what the two clocks say went by: somebody has set the wall clock
_JUMP = JUMP  # a C number where this is compiled
REPEATS = 3  # calls of one sitting after which a number speaks for itself, and no more for its block


class Memory:
    """`gather` at the begin of a call's judging, `judged` at its end, `learn` whenever AMI or the CAPTCHA tells."""

    def __init__(self, config: Config, now: float) -> None:
        self.callers = Callers(config.callers.capacity, config.callers.short_talk, config.callers.real_talk)
        self.blocks = Blocks(config.blocks.capacity, _limits(config.blocks))
        self.surge = Surge(config.arrivals)
        self.level = LevelKeeper(config.arrivals, config.policy.fixed, now)
        self._arrivals = config.arrivals
        self._offset = 0.0  # of the wall clock to the steady one

    def configure(self, config: Config, now: float) -> None:
        """Takes a new configuration; what is remembered stays."""
        self.callers.configure(config.callers.short_talk, config.callers.real_talk)
        self.blocks.limits = _limits(config.blocks)
        if config.arrivals != self._arrivals:
            self.surge.configure(config.arrivals)
        if config.arrivals != self._arrivals or config.policy.fixed is not self.level.fixed:
            self.level.configure(config.arrivals, config.policy.fixed, now)
        self._arrivals = config.arrivals

    def gather(self, call: Call, tokens: Mapping[str, float]) -> Facts:
        """Counts the call everywhere, and says what is known of it."""
        rate = self.surge.baseline.rate
        caller = self.callers.seen(call)
        usual = rate * WINDOW
        block = self.blocks.take(call, usual) if caller.gaps < REPEATS else self.blocks.peek(call, usual)
        surges = self.surge.take(call)
        level = self.level.arrived(call.ticks, call.started, rate, self.surge.crowd(call.started))
        return tuple.__new__(Facts, (tokens, caller, block, surges, level, None, None))  # a third of what Facts() takes

    def peek(self, call: Call, tokens: Mapping[str, float]) -> Facts:
        """The same, counting nothing."""
        block = self.blocks.peek(call, self.surge.baseline.rate * WINDOW)
        return Facts(tokens, self.callers.peek(call), block, self.surge.take(call), self.level.level)

    def judged(self, call: Call, facts: Facts, explained: bool, clean: bool) -> None:
        """`explained`: its own evidence is enough; `clean`: there is none. Only clean calls of quiet times teach."""
        caller = facts.caller
        known, share = caller.known, facts.block.share
        rare = 0.0 <= share < RARE
        if rare and not known and caller.gaps < REPEATS:
            self.surge.count_rare(call)
        self._look_at_clock(call)
        quiet = self.level.calm
        if not quiet:
            self.surge.baseline.quiet()
        self.surge.baseline.taught(call.started, quiet and not explained)
        if not explained:
            self.surge.count(call, known)
        if quiet and clean:
            self.blocks.learn(call)
            self.surge.learn(call, known, rare)

    def _look_at_clock(self, call: Call) -> None:
        """An hour that the clock jumped over had no calls: it must not be learned as a silent one."""
        offset = call.started - call.ticks / 1e9
        if not -_JUMP < offset - self._offset < _JUMP:
            self._offset = offset
            self.surge.baseline.clock_set()

    def learn(self, happened: Happened) -> None:
        """What became of a call."""
        if isinstance(happened, CaptchaDone) and happened.result is not CaptchaResult.SKIPPED:
            passed = happened.result is CaptchaResult.PASSED
            self.surge.answered(happened.at, known=self.callers.knows(happened.caller), passed=passed)
        self.callers.learn(happened)

    def quiet(self, ticks: int, wall: float) -> None:
        """Looks at the level without a call; to be asked every few seconds."""
        self.level.quiet(ticks, wall, self.surge.baseline.rate)

    def keep(self) -> dict[str, object]:
        """What was learned of traffic; callers are kept in the store, one by one."""
        return {"blocks": self.blocks.keep(), "surge": self.surge.keep()}

    def take_over(self, kept: Mapping[str, object]) -> None:
        blocks, surge = kept.get("blocks"), kept.get("surge")
        if isinstance(blocks, dict):
            self.blocks.take_over(blocks)
        if isinstance(surge, dict):
            self.surge.take_over(surge)


def _limits(table: BlocksTable) -> Limits:
    return Limits(table.thousand, table.exchange, table.area)
