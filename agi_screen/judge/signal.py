"""What a signal is: a name, a group, parameters (its config table), and how strongly it speaks of one call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from agi_screen.base.call import Call
from agi_screen.base.config import Table
from agi_screen.base.records import ListEntry
from agi_screen.base.units import Rate


class SignalParams(Table):
    """Every signal has a weight: the score it adds at full strength. 0 switches it off."""

    weight: float


P = TypeVar("P", bound=SignalParams)


class Finding(NamedTuple):
    """How strongly a signal speaks: 0..1, negative for good evidence; `reason` is short and holds no caller text."""

    points: float
    reason: str


class Facts(NamedTuple):
    """What was looked up for this call before the signals: tokens left in each metered signal's bucket.

    Not a number (`nan`, which is neither over nor under anything) where the call has no such bucket.
    `suspect` is the caller's entry on the suspect list.
    """

    tokens: Mapping[str, float] = MappingProxyType({})
    suspect: ListEntry | None = None


class Signal(ABC, Generic[P]):
    """Third parties register theirs through the entry-point group `agi_screen.signals`."""

    name: ClassVar[str]
    group: ClassVar[str]
    Params: ClassVar[type[Any]]

    def __init__(self, params: P) -> None:
        self.params = params

    @abstractmethod
    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        """None when there is nothing to say. Must not wait, and must not raise on any caller's text."""


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
