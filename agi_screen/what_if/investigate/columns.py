"""The calls of a time as columns of numbers: some 120 bytes a call, so that a million fit, and are counted by numpy."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from agi_screen.base.pseudonym import number_of
from agi_screen.base.records import Disposition
from agi_screen.base.store_calls import CALL_COLUMNS
from agi_screen.base.store_range import Row
from agi_screen.base.verdict import CaptchaResult, Level, Verdict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

VERDICTS = tuple(Verdict)
TOLD = ("let through", "challenged", "rejected", "diverted")  # the same in words
LEVELS = tuple(Level)
CAPTCHAS = tuple(CaptchaResult)
DISPOSITIONS = tuple(Disposition)
ENDS = len(CALL_COLUMNS)  # from here on a row is of the call's end
NO_END = -1
MOST_TEXTS = 200_000
MOST_DIGITS = 15
OTHERS = "(others)"
_STEP = 7919  # shares no factor with ten: all numbers of a block come, each once, and none beside the one before
ATTESTATION = "attestation"
NO_WORD = "(nothing said)"

T = TypeVar("T")


class Names:
    """Texts as small numbers, in the order of their coming; beyond `most` different ones all are OTHERS."""

    def __init__(self, most: int = MOST_TEXTS) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}
        self._most = most

    def code(self, text: str) -> int:
        found = self._codes.get(text)
        if found is None:
            if len(self.texts) >= self._most:
                text = OTHERS
            found = self._codes.setdefault(text, len(self.texts))
            if found == len(self.texts):
                self.texts.append(text)
        return found


@dataclass(frozen=True, slots=True)
class Columns:
    """One place a call, in the order of their start. `caller` is the E.164 number, or minus one less its place in
    `odd_callers` (texts that are no number); `wait` and `talk` in seconds, meaningless where `disposition` is NO_END.
    """

    started: Floats
    caller: Ints
    dialled: Ints
    trunk: Ints
    attestation: Ints
    verdict: Ints
    final: Ints
    level: Ints
    captcha: Ints
    disposition: Ints
    wait: Floats
    talk: Floats
    odd_callers: tuple[str, ...]
    dialled_names: tuple[str, ...]
    trunk_names: tuple[str, ...]
    attestation_names: tuple[str, ...]
    signals: dict[str, tuple[int, float]]  # calls it spoke in, and the scores it gave together
    hidden: dict[int, str]  # the pseudonyms that stand behind numbers

    def __len__(self) -> int:
        return len(self.started)

    def caller_text(self, code: int) -> str:
        """The caller as the records have it."""
        return (self.hidden.get(code) or f"+{code}") if code >= 0 else self.odd_callers[-1 - code]


class Hidden:
    """Pseudonyms as numbers of their block: each gets the next of those that its beginning leaves open, in no order.

    So blocks, places and distinct callers are counted as if the number stood there; of its last digits nothing is said.
    """

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self._numbers: dict[str, int | None] = {}
        self._taken: dict[str, int] = {}

    def number(self, text: str) -> int | None:
        """The same for the same pseudonym; None for one without a block."""
        if text not in self._numbers:
            self._numbers[text] = self._next(text)
        return self._numbers[text]

    def _next(self, text: str) -> int | None:
        found = number_of(text)
        if found is None or not found.e164:
            return None
        start = text.partition("~")[0]
        room: int = 10 ** (len(found.e164) - len(start))
        place = self._taken.get(start, 0)
        if place >= room or len(found.e164) > MOST_DIGITS:
            return None
        self._taken[start] = place + 1
        number = int(start[1:]) * room + place * _STEP % room
        self.texts[number] = text
        return number


def caller_number(text: str) -> int | None:
    """The number of an E.164 text; None for anything else."""
    digits = text[1:]
    known = text[:1] == "+" and digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS
    return int(digits) if known and digits[0] != "0" else None


def placed_number(text: str) -> int | None:
    """A number of the same place as this caller's, for what only its beginning tells."""
    found = number_of(text) if "~" in text else None
    return caller_number(found.e164 if found else text)


class Gathering:
    """Takes rows of `StoreRange.calls` one by one, and gives their Columns at the end."""

    def __init__(self) -> None:
        self._reals = {name: array("d") for name in ("started", "wait", "talk")}
        self._small = {name: array("b") for name in ("verdict", "final", "level", "captcha", "disposition")}
        self._wide = {name: array("i") for name in ("dialled", "trunk", "attestation")}
        self._caller = array("q")
        self._odd, self._dialled, self._trunks, self._attested = Names(), Names(), Names(), Names(32)
        self._signals: dict[str, list[float]] = {}
        self._hidden = Hidden()

    def take(self, row: Row) -> None:
        """One more call."""
        (_, _, started, caller, _, _, _, dialled, trunk, verdict, final, _, level, _, evidence, captcha) = row[:16]
        number = self._hidden.number(caller) if "~" in caller else caller_number(caller)
        self._caller.append(-1 - self._odd.code(caller) if number is None else number)
        self._wide["dialled"].append(self._dialled.code(dialled))
        self._wide["trunk"].append(self._trunks.code(trunk))
        self._wide["attestation"].append(self._attested.code(self._evidence(evidence)))
        self._small["verdict"].append(_VERDICT[verdict])
        self._small["final"].append(_VERDICT[final])
        self._small["level"].append(_LEVEL[level])
        self._small["captcha"].append(_CAPTCHA[captcha])
        _, _, _, disposition, _, wait, talk, _ = row[ENDS:]
        self._small["disposition"].append(NO_END if disposition is None else _DISPOSITION[disposition])
        self._reals["started"].append(started)
        self._reals["wait"].append(wait or 0.0)
        self._reals["talk"].append(talk or 0.0)

    def _evidence(self, text: str) -> str:
        attested = NO_WORD
        for signal, score, reason in evidence_of(text):
            counted = self._signals.setdefault(signal, [0, 0.0])
            counted[0] += 1
            counted[1] += score
            if signal == ATTESTATION:
                attested = reason
        return attested

    def columns(self) -> Columns:
        """All that was taken."""
        numbers: dict[str, Any] = {name: np.frombuffer(a) for name, a in self._reals.items()}
        numbers |= {name: np.frombuffer(a, np.int8).astype(np.int64) for name, a in self._small.items()}
        numbers |= {name: np.frombuffer(a, np.int32).astype(np.int64) for name, a in self._wide.items()}
        texts = (self._odd, self._dialled, self._trunks, self._attested)
        odd, dialled, trunks, attested = (tuple(names.texts) for names in texts)
        signals = {name: (int(calls), score) for name, (calls, score) in sorted(self._signals.items())}
        caller = np.frombuffer(self._caller, np.int64)
        return Columns(
            **numbers,
            caller=caller,
            odd_callers=odd,
            dialled_names=dialled,
            trunk_names=trunks,
            attestation_names=attested,
            signals=signals,
            hidden=self._hidden.texts,
        )


def _codes(words: tuple[T, ...]) -> dict[T, int]:
    return {word: place for place, word in enumerate(words)}


_VERDICT, _LEVEL, _CAPTCHA, _DISPOSITION = _codes(VERDICTS), _codes(LEVELS), _codes(CAPTCHAS), _codes(DISPOSITIONS)


@lru_cache(65536)
def evidence_of(text: str) -> tuple[tuple[str, float, str], ...]:
    """(signal, score, reason) of each signal that spoke; the attestation is told even where it gave no points."""
    said = json.loads(text)
    return tuple((signal, score, reason) for signal, points, score, reason in said if points or signal == ATTESTATION)
