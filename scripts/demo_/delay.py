"""What screening costs a caller: INVITE to 200, screened and not, call by call in one run and in random order.

SIPp's clock ticks at 4 ms; these calls are placed by our own caller, which notes microseconds.
"""

from __future__ import annotations

import random
import statistics
from dataclasses import asdict, dataclass

from scripts.demo_.cast import SCREENED, UNSCREENED, measured_number
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.rtp import pause

APART_SECONDS = 0.01
WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Delay:
    """Set-up times of one kind of call, in milliseconds."""

    calls: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Delays:
    """Both kinds side by side; `answered` says whether every call got its 200."""

    screened: Delay
    unscreened: Delay
    answered: bool

    def as_json(self) -> dict[str, object]:
        added = {"p50": round(self.added_p50, 3), "p99": round(self.added_p99, 3)}
        return {"screened_ms": asdict(self.screened), "unscreened_ms": asdict(self.unscreened), "added_ms": added}

    @property
    def added_p50(self) -> float:
        return self.screened.p50 - self.unscreened.p50

    @property
    def added_p99(self) -> float:
        return self.screened.p99 - self.unscreened.p99


async def measure(sip_port: int, pairs: int) -> Delays:
    """Places `pairs` calls of each kind, one at a time."""
    order = [SCREENED, UNSCREENED] * WARM_UP
    rest = [SCREENED, UNSCREENED] * pairs
    random.shuffle(rest)
    times: dict[str, list[float]] = {SCREENED: [], UNSCREENED: []}
    answered = True
    for index, did in enumerate(order + rest):
        seconds, code = await set_up(Dial(sip_port, did, measured_number(index)))
        answered = answered and code == 200
        if index >= len(order):
            times[did].append(round(seconds * 1000, 3))
    return Delays(summary(times[SCREENED]), summary(times[UNSCREENED]), answered)


async def set_up(dial: Dial) -> tuple[float, int]:
    """One call: seconds to its final answer, and the answer."""
    async with await Caller.place(dial) as call:
        code = await call.final()
    await pause(APART_SECONDS)
    return call.marks.post_dial_delay, code


def summary(times: list[float]) -> Delay:
    hundredths = statistics.quantiles(times, n=100, method="inclusive")
    return Delay(len(times), hundredths[49], hundredths[98])
