"""STIR/SHAKEN: who vouches for the caller's number, weighed by whether this trunk's calls are usually vouched for.

Signed is not good and unsigned is not bad: of robots' calls in 2022 some had A, most B or C, few none. So this is a
weight; only a signature that fails, or a token of another call, may challenge alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress, product
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from agi_screen.base.call import Call
from agi_screen.judge.habits import Habits
from agi_screen.judge.passport import NOTHING as NO_CLAIM
from agi_screen.judge.passport import Passport, read_passport
from agi_screen.judge.signal import Facts, Finding, Signal, SignalParams
from agi_screen.judge.verstat import Grade, by_asterisk, by_trunk

Strength = Annotated[float, Field(ge=0, le=1)]
Credit = Annotated[float, Field(ge=-1, le=0)]
TrunkName = Annotated[str, Field(min_length=1, max_length=80)]
VERIFIED = frozenset({Grade.A, Grade.B, Grade.C})
# What is learned of each trunk: the share of its calls that are verified, signed at all, failing, and of other numbers.
UNKNOWN_TRUNK = (0.0, 0.0, 0.25, 0.25)  # until then, a failure may well be the fault of the trunk or of our set-up
KINDS = WAS_VERIFIED, WAS_SIGNED, HAD_FAILED, WAS_ELSEWHERE = range(4)

# Worth nothing for or against the caller, but kept with the call: where an attack came from is asked for later.
NOTES = {
    **{(grade, grade.value): Finding(0.0, f"attestation {grade}, verified") for grade in (Grade.A, Grade.B, Grade.C)},
    **{(Grade.UNKNOWN, level): Finding(0.0, f"attestation {level}, not verified") for level in "ABC"},
    (Grade.UNSIGNED, ""): Finding(0.0, "not signed"),
    **{(Grade.FAILED, level): Finding(0.0, "the signature failed, as most here do") for level in ("", "A", "B", "C")},
}


class AttestationParams(SignalParams):
    """Strengths of what is seen; `trusted` trunks' `verstat` is believed."""

    trusted: Annotated[tuple[TrunkName, ...], Field(max_length=256)]
    a: Credit
    c: Strength
    unsigned: Strength
    failed: Strength
    elsewhere: Strength
    unverified: Strength


class Vouched(NamedTuple):
    """What came with a call: what was verified, the level told or claimed, and what is to be learned of it."""

    grade: Grade
    claim: str = ""
    kinds: tuple[int, ...] = ()

    def says_nothing(self, shares: tuple[float, ...]) -> bool:
        """True where nothing speaks against the caller, told quickly; False is not yet the contrary."""
        if self.kinds is VERIFIED_WELL:
            return self.grade is not Grade.C
        if self.kinds is ONLY_SIGNED:
            return self.claim != "C" and shares[WAS_VERIFIED] <= 0.5
        return not self.kinds and shares[WAS_SIGNED] <= 0.5  # who verifies a call's signature calls it signed


NOTHING = Vouched(Grade.UNKNOWN)
_KINDS = {true: tuple(compress(KINDS, true)) for true in product((False, True), repeat=len(KINDS))}
VERIFIED_WELL = _KINDS[True, True, False, False]
ONLY_SIGNED = _KINDS[False, True, False, False]


class Attestation(Signal[AttestationParams]):
    """Asterisk's own verification goes before a trusted trunk's word, and that before the header nobody verified."""

    name = "attestation"
    group = "identity"
    Params = AttestationParams

    def __init__(self, params: AttestationParams) -> None:
        super().__init__(params)
        self._notes = {**NOTES, (Grade.A, "A"): Finding(params.a, NOTES[Grade.A, "A"].reason)}
        self._trusted = frozenset(params.trusted)
        self._habits = Habits(UNKNOWN_TRUNK)
        self._last: tuple[Call, Vouched] | None = None  # counted, then evaluated: the header is read once

    def count(self, call: Call) -> None:
        """One more call of its trunk."""
        self._habits.count(call.trunk, self._read(call).kinds, call.started)

    def evaluate(self, call: Call, facts: Facts) -> Finding | None:
        seen = self._read(call)
        shares = self._habits.shares(call.trunk)
        if seen is NOTHING and shares[WAS_SIGNED] <= 0.5:  # as with most calls
            return None
        if not seen.says_nothing(shares):
            strongest = max(self._against(seen, shares))
            if strongest.points > 0:
                return strongest
        return self._notes.get((seen.grade, seen.claim))

    def keep(self) -> dict[str, list[float]]:
        """The trunks' habits."""
        return self._habits.keep()

    def take_over(self, kept: Any) -> None:
        """What an earlier one kept; anything else is passed over."""
        self._habits.take_over(kept)

    def _against(self, seen: Vouched, shares: tuple[float, ...]) -> Iterator[Finding]:
        """All that may speak against the caller; the strongest counts."""
        params = self.params
        if seen.grade is Grade.FAILED:
            yield Finding(params.failed * _unusual(shares[HAD_FAILED]), "the signature failed")
        elif seen.grade is Grade.C:
            yield Finding(params.c, "attestation C, verified")
        elif seen.grade not in VERIFIED:
            yield from self._unverified(seen, shares)
        strength = params.elsewhere * _unusual(shares[WAS_ELSEWHERE]) if WAS_ELSEWHERE in seen.kinds else 0.0
        yield Finding(strength, "the signature is of a call between other numbers")

    def _unverified(self, seen: Vouched, shares: tuple[float, ...]) -> Iterator[Finding]:
        """What its header says for the caller counts nothing: anyone can write one, and nobody read it."""
        params = self.params
        yield Finding(params.unsigned * _usual(shares[WAS_VERIFIED]), "not verified, on a trunk whose calls are")
        if WAS_SIGNED not in seen.kinds:
            yield Finding(params.unsigned * _usual(shares[WAS_SIGNED]), "not signed, on a trunk whose calls are")
        if seen.claim == "C":
            yield Finding(params.c * params.unverified, "attestation C, not verified")

    def _read(self, call: Call) -> Vouched:
        if not (call.identity or call.attest or (call.verstat and self._trusted)):
            return NOTHING
        if self._last is None or self._last[0] is not call:
            self._last = (call, self._vouched(call))
        return self._last[1]

    def _vouched(self, call: Call) -> Vouched:
        grade = by_asterisk(call.attest)
        if grade is Grade.UNKNOWN and call.trunk in self._trusted:
            grade = by_trunk(call.verstat)
        verified, failed = grade in VERIFIED, grade is Grade.FAILED
        claim = read_passport(call.identity) if call.identity else NO_CLAIM
        signed = bool(call.identity) or verified or failed
        return Vouched(
            grade, grade if verified else claim.attest, _KINDS[verified, signed, failed, _elsewhere(call, claim)]
        )


def _elsewhere(call: Call, claim: Passport) -> bool:
    """True where the token names another caller, or another number dialled: it was copied from another call."""
    other = claim.origin and call.caller.e164 and claim.origin != call.caller.e164[1:]
    dialled = call.dialled.e164[1:]
    return bool(other) or bool(dialled and claim.destinations and dialled not in claim.destinations)


def _usual(share: float) -> float:
    """1 where all calls of the trunk are so, 0 where fewer than half are."""
    return max(0.0, 2 * share - 1)


def _unusual(share: float) -> float:
    """1 where no call of the trunk is so, 0 where half are: then the trunk is to blame."""
    return max(0.0, 1 - 2 * share)
