"""What a signal is: a name, a group, parameters (its config table), and how strongly it speaks of one call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import Flag
from types import MappingProxyType
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from agi_screen.base.call import Call
from agi_screen.base.conduct import Conduct
from agi_screen.base.config import Table
from agi_screen.base.happened import Happened
from agi_screen.base.records import ListEntry
from agi_screen.base.units import Rate
from agi_screen.base.verdict import Level
from agi_screen.judge.blocks import NO_BLOCK, Block
from agi_screen.judge.callers import NOBODY, History
from agi_screen.judge.surge import Surges


class SignalParams(Table):
    """Every signal has a weight: the score it adds at full strength. 0 switches it off."""

    weight: float


P = TypeVar("P", bound=SignalParams)


class Finding(NamedTuple):
    """How strongly a signal speaks: 0..1, negative for good evidence; `reason` is short and holds no caller text."""

    points: float
    reason: str


class Facts(NamedTuple):
    """What was looked up for this call before the signals.

    `tokens` are left in each metered signal's bucket, not a number (`nan`, which is neither over nor under anything)
    where the call has no such bucket; `caller` is the caller's history, this call counted in it;
    `suspect` the caller's entry on the suspect list; `conduct` how the caller behaves in the CAPTCHA, while in it.
    """

    tokens: Mapping[str, float] = MappingProxyType({})
    caller: History = NOBODY
    block: Block = NO_BLOCK
    surges: Surges = Surges()
    level: Level = Level.NORMAL
    suspect: ListEntry | None = None
    conduct: Conduct | None = None


class Reads(Flag):
    """Which of the facts a signal speaks of. It is asked only when there is something in one of them;
    who reads conduct speaks only in the CAPTCHA, after the verdict, whatever else it reads."""

    CALL = 0
    HISTORY = 1
    BLOCK = 2
    SURGES = 4
    SUSPECT = 8
    CONDUCT = 16


class Signal(ABC, Generic[P]):
    """Third parties register theirs through the entry-point group `agi_screen.signals`."""

    name: ClassVar[str]
    group: ClassVar[str]
    reads: ClassVar[Reads] = Reads.CALL
    Params: ClassVar[type[Any]]

    def __init__(self, params: P) -> None:
        self.params = params

    @abstractmethod
    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        """None when there is nothing to say. Must not wait, and must not raise on any caller's text."""

    def count(self, call: Call) -> None:
        """A call is being judged, and not merely explained. For signals that learn of their own."""

    def observe(self, happened: Happened) -> None:
        """What became of a call."""

    def keep(self) -> Any:
        """What must outlive a reload and a restart, as JSON; None where there is nothing."""
        return None

    def take_over(self, kept: Any) -> None:
        """What `keep` gave, of this run or an earlier one. Must bear any JSON: the file may be of another version."""


class Metered(Signal[P]):
    """A signal with a token bucket: the judge takes all buckets of a call at once and passes what is left."""

    @property
    @abstractmethod
    def rate(self) -> Rate:
        """How fast tokens come back, and how many a full bucket holds."""

    @property
    @abstractmethod
    def overdraft(self) -> int:
        """How many tokens below zero the bucket goes: bounds the time until a caller is forgiven."""

    @abstractmethod
    def bucket(self, call: Call) -> str | None:
        """The key of this call's bucket; None when it has none."""
