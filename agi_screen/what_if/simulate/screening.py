"""The screening in front of the simulated centre: the very judge under a virtual clock, or none at all."""

from __future__ import annotations

from typing import Protocol

from agi_screen.base.call import Call, Number
from agi_screen.base.happened import CallBegun, MenuSeen
from agi_screen.base.records import Disposition
from agi_screen.base.verdict import CaptchaResult, Decision, Level, Verdict
from agi_screen.settings import Settings
from agi_screen.what_if.rehearsal import Rehearsal

_LET_IN = Decision(Verdict.ALLOW, 0.0, Level.NORMAL, final="mode_off")
_NO_NUMBER = Number("")
# What Asterisk's own verification says of a call, where a Call has a field for it.
_RESULTS = {"A": "success-A", "B": "success-B", "C": "success-C", "none": "missing_identity_hdr-"}
_VERIFIED = {grade: {"attest": result} for grade, result in _RESULTS.items() if "attest" in Call._fields}


class Screening(Protocol):
    """What the centre asks and tells. Moments in seconds since 1970."""

    def arrives(self, at: float, number: str, trunk: str, attestation: str) -> tuple[Call, Decision]: ...
    def captcha(self, at: float, call: Call, result: CaptchaResult) -> None: ...
    def goes_on(self, call: Call) -> None: ...
    def menu(self, at: float, call: Call, idle: bool) -> None: ...
    def over(
        self, at: float, call: Call, verdict: Verdict, disposition: Disposition, queue_wait: float, talk_time: float
    ) -> None: ...
    def quiet(self, at: float) -> None: ...
    def first(self, call: Call, decision: Decision) -> bool: ...


class Unscreened:
    """Lets everybody in and learns nothing: what the attack would have done."""

    def __init__(self, start: float) -> None:
        self._call = Call("", _NO_NUMBER, _NO_NUMBER, "", "", "", start, 0)

    def arrives(self, at: float, number: str, trunk: str, attestation: str) -> tuple[Call, Decision]:
        return self._call, _LET_IN

    def captcha(self, at: float, call: Call, result: CaptchaResult) -> None:
        """Nobody is asked."""

    def goes_on(self, call: Call) -> None:
        """Nobody counts."""

    def menu(self, at: float, call: Call, idle: bool) -> None:
        """Nobody looks."""

    def over(
        self, at: float, call: Call, verdict: Verdict, disposition: Disposition, queue_wait: float, talk_time: float
    ) -> None:
        """Nobody learns."""

    def quiet(self, at: float) -> None:
        """There is no level."""

    def first(self, call: Call, decision: Decision) -> bool:
        return False


class Screened:
    """The judge of live calls."""

    def __init__(self, settings: Settings, start: float, dialled: str) -> None:
        self._rehearsal = Rehearsal(settings, start)
        self._dialled = dialled

    def arrives(self, at: float, number: str, trunk: str, attestation: str) -> tuple[Call, Decision]:
        return self._rehearsal.asks(at, number, self._dialled, trunk, **_VERIFIED.get(attestation, {}))

    def captcha(self, at: float, call: Call, result: CaptchaResult) -> None:
        self._rehearsal.captcha(at, call, result)

    def goes_on(self, call: Call) -> None:
        """The call has its last verdict: from here on its end will be told."""
        self._rehearsal.learn(CallBegun(call.caller.known_as))

    def menu(self, at: float, call: Call, idle: bool) -> None:
        self._rehearsal.learn(MenuSeen(call.caller.known_as, at, idle))

    def over(
        self, at: float, call: Call, verdict: Verdict, disposition: Disposition, queue_wait: float, talk_time: float
    ) -> None:
        self._rehearsal.over(at, call, verdict, disposition, queue_wait, talk_time)

    def quiet(self, at: float) -> None:
        self._rehearsal.quiet(at)

    def first(self, call: Call, decision: Decision) -> bool:
        """In a siege known callers and those with a pass go first."""
        return decision.first
