"""STIR/SHAKEN: who vouches for the caller's number, weighed by whether this trunk's calls are usually vouched for.

Signed is not good and unsigned is not bad: of robots' calls in 2022 some had A, most B or C, few none. So this is a
weight; only a signature that fails, or a token of another call, may challenge alone.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.habits import Habits
from agi_screen.judge.passport import NOTHING, Passport, read_passport
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams
from agi_screen.judge.verstat import Grade, by_asterisk, by_trunk

Strength = Annotated[float, Field(ge=0, le=1)]
Credit = Annotated[float, Field(ge=-1, le=0)]
TrunkName = Annotated[str, Field(min_length=1, max_length=80)]
VERIFIED = frozenset({Grade.A, Grade.B, Grade.C})
# What is learned of each trunk: the share of its calls that are verified, signed at all, failing, and of other numbers.
WAS_VERIFIED, WAS_SIGNED, HAD_FAILED, WAS_ELSEWHERE = range(4)


class Params(SignalParams):
    """Strengths of what is seen; `trusted` trunks' `verstat` is believed."""

    trusted: Annotated[tuple[TrunkName, ...], Field(max_length=256)]
    a: Credit
    c: Strength
    unsigned: Strength
    failed: Strength
    elsewhere: Strength
    unverified: Strength


class Vouched(NamedTuple):
    """What came with a call: what was verified, what its header says, and whether that names other numbers."""

    grade: Grade
    claim: Passport
    signed: bool
    elsewhere: bool


class Attestation(Signal[Params]):
    """Asterisk's own verification goes before a trusted trunk's word, and that before the header nobody verified."""

    name = "attestation"
    group = "identity"
    Params = Params

    def __init__(self, params: Params) -> None:
        super().__init__(params)
        self._trusted = frozenset(params.trusted)
        self._habits = Habits(kinds=4)
        self._last: tuple[Call, Vouched] | None = None  # counted, then evaluated: the header is read once

    def count(self, call: Call) -> None:
        """One more call of its trunk."""
        seen = self._read(call)
        verified, failed = seen.grade in VERIFIED, seen.grade is Grade.FAILED
        self._habits.count(call.trunk, (verified, seen.signed, failed, seen.elsewhere), call.started)

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        seen = self._read(call)
        found = self._against(call.trunk, seen)
        if found is not None:
            return found
        return Finding(self.params.a, "attestation A, verified") if seen.grade is Grade.A else None

    def keep(self) -> dict[str, list[float]]:
        """The trunks' habits."""
        return self._habits.keep()

    def take_over(self, kept: Any) -> None:
        """What an earlier one kept; anything else is passed over."""
        self._habits.take_over(kept)

    def _against(self, trunk: str, seen: Vouched) -> Finding | None:
        """The strongest of what speaks against the caller."""
        params = self.params
        found = []
        if seen.grade is Grade.FAILED:
            found.append(Finding(params.failed * self._unusual(trunk, HAD_FAILED), "the signature failed"))
        elif seen.grade is Grade.C:
            found.append(Finding(params.c, "attestation C, verified"))
        elif seen.grade not in VERIFIED:
            found.append(self._unverified(trunk, seen))
        if seen.elsewhere:
            strength = params.elsewhere * self._unusual(trunk, WAS_ELSEWHERE)
            found.append(Finding(strength, "the signature is of a call between other numbers"))
        strongest = max(found, default=None)
        return strongest if strongest is not None and strongest.points > 0 else None

    def _unverified(self, trunk: str, seen: Vouched) -> Finding:
        """Nobody verified it. What its header says for the caller counts nothing: anyone can write one."""
        if not seen.signed:
            usual = max(self._usual(trunk, WAS_SIGNED), self._usual(trunk, WAS_VERIFIED))
            return Finding(self.params.unsigned * usual, "no signature, on a trunk that has them")
        missing = Finding(self.params.unsigned * self._usual(trunk, WAS_VERIFIED), "nobody verified the signature, on a trunk that does")
        if seen.claim.attest != "C":
            return missing
        return max(missing, Finding(self.params.c * self.params.unverified, "attestation C, not verified"))

    def _usual(self, trunk: str, kind: int) -> float:
        """1 where all calls of the trunk are so, 0 where fewer than half are or too little is known."""
        return max(0.0, 2 * (self._habits.share(trunk, kind) or 0.0) - 1)

    def _unusual(self, trunk: str, kind: int) -> float:
        """1 where no call of the trunk is so, or too little is known; 0 where half are: then the trunk is to blame."""
        return max(0.0, 1 - 2 * (self._habits.share(trunk, kind) or 0.0))

    def _read(self, call: Call) -> Vouched:
        last = self._last
        if last is not None and last[0] is call:
            return last[1]
        seen = self._vouched(call)
        self._last = (call, seen)
        return seen

    def _vouched(self, call: Call) -> Vouched:
        grade = by_asterisk(call.attest)
        if grade is Grade.UNKNOWN and call.trunk in self._trusted:
            grade = by_trunk(call.verstat)
        claim = read_passport(call.identity) if call.identity else NOTHING
        signed = bool(call.identity) or grade in VERIFIED or grade is Grade.FAILED
        return Vouched(grade, claim, signed, _elsewhere(call, claim))


def _elsewhere(call: Call, claim: Passport) -> bool:
    """True where the token names another caller, or another number dialled: it was copied from another call."""
    other = claim.origin and call.caller.e164 and claim.origin != call.caller.e164[1:]
    dialled = call.dialled.e164[1:]
    return bool(other or (dialled and claim.destinations and dialled not in claim.destinations))
