"""Passes of callers who solved the CAPTCHA, in memory and bounded; the trail writes them behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from cachetools import TLRUCache

from agi_screen.base.clock import Clock
from agi_screen.base.records import Pass

Key = tuple[str, str]


def _expiry(_key: Key, held: Pass, _now: float) -> float:
    return held.expires


def _nameable(caller: str) -> bool:
    """Withheld and absent numbers are many people: a pass for one of them would be a pass for all."""
    return caller[:1].isdigit() or caller[:1] == "+"


class Listener(Protocol):
    """Who tells the other machines of passes here."""

    def granted(self, held: Pass) -> None: ...
    def used(self, held: Pass) -> None: ...
    def revoked(self, caller: str) -> None: ...


class PassBook:
    """A pass is bound to caller and trunk: a forged number that comes in another way has none."""

    def __init__(self, capacity: int, clock: Clock, uses: int, seconds: float) -> None:
        self._capacity = capacity
        self._clock = clock
        self._held: TLRUCache[Key, Pass] = TLRUCache(capacity, _expiry, clock.wall)
        self._dirty: dict[Key, Pass] = {}
        self._trunks: dict[str, None] = {}
        self.listener: Listener | None = None
        self.configure(uses, seconds)

    def configure(self, uses: int, seconds: float) -> None:
        """What passes granted from now on are worth."""
        self._uses = uses
        self._seconds = seconds

    def __len__(self) -> int:
        self._held.expire()
        return len(self._held)

    def grant(self, caller: str, trunk: str, *, sure: bool = True) -> Pass:
        """A new pass, which replaces an older one. For a caller without a number it is empty, and not kept.

        `sure`: no guess could well have won it; else it is worth a single call.
        """
        if not _nameable(caller):
            return Pass(caller, trunk, 0, 0.0)
        held = Pass(caller, trunk, self._uses if sure else 1, self._clock.wall() + self._seconds)
        self._keep(held)
        if self.listener is not None:
            self.listener.granted(held)
        return held

    def use(self, caller: str, trunk: str) -> bool:
        """Takes one use; False when there is none to take."""
        held = self.peek(caller, trunk)
        if held is None:
            return False
        self._keep(replace(held, uses_left=held.uses_left - 1))
        if self.listener is not None:
            self.listener.used(held)
        return True

    def peek(self, caller: str, trunk: str) -> Pass | None:
        """The pass that `use` would take from."""
        return self._held.get((caller, trunk)) if _nameable(caller) else None

    def revoke(self, caller: str) -> None:
        """Takes back the passes of a caller on every trunk."""
        for trunk in self._trunks:
            held = self._held.get((caller, trunk))
            if held is not None:
                self._keep(replace(held, uses_left=0))
        if self.listener is not None and _nameable(caller):
            self.listener.revoked(caller)

    def adopt(self, caller: str, trunk: str, uses: int, seconds: float) -> None:
        """What several machines know of a pass together, in place of what is known here; `uses` 0: there is none."""
        had = self.peek(caller, trunk)
        if uses != (had.uses_left if had else 0) and _nameable(caller):
            self._keep(Pass(caller, trunk, uses, self._clock.wall() + seconds))

    def dirty(self) -> list[Pass]:
        """What changed since the last time this was asked; `uses_left` 0 means the pass is gone."""
        changed = list(self._dirty.values())
        self._dirty.clear()
        return changed

    def restore(self, passes: Iterable[Pass]) -> None:
        """Takes in what an earlier run kept."""
        for held in passes:
            if _nameable(held.caller) and held.uses_left > 0:
                self._hold(held)

    def _keep(self, held: Pass) -> None:
        self._hold(held)
        key = (held.caller, held.trunk)
        self._dirty.pop(key, None)
        if len(self._dirty) >= self._capacity:  # nobody collects them: the oldest news goes first
            del self._dirty[next(iter(self._dirty))]
        self._dirty[key] = held

    def _hold(self, held: Pass) -> None:
        key = (held.caller, held.trunk)
        if held.uses_left > 0:
            self._held[key] = held
            self._trunks[held.trunk] = None
        else:
            self._held.pop(key, None)
