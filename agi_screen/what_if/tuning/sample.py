"""The calls of a time as tables: what each signal saw is stored with every call, so no call is judged from the start.

Calls with the same evidence are one row of `points`: in an attack thousands are, and most people have none at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from agi_screen.base.records import Disposition
from agi_screen.base.store_opening import reading
from agi_screen.base.store_place import Place
from agi_screen.base.verdict import CaptchaResult, Level, Verdict
from agi_screen.what_if.replay.past import PastCall, Recorded
from agi_screen.what_if.tune.labels import Labels, label_calls

MOST_CALLS = 200_000
VERDICTS = (Verdict.ALLOW, Verdict.CHALLENGE, Verdict.REJECT)
LEVELS = tuple(Level)
_VERDICT = {str(verdict): code for code, verdict in enumerate(VERDICTS)}
_LEVEL = {str(level): code for code, level in enumerate(LEVELS)}
_CALLS = """SELECT c.id, c.started, c.caller, c.dialled, c.verdict, c.final, c.score, c.level, c.evidence, c.captcha,
  c.error, e.talk_time, f.label
FROM calls c INDEXED BY calls_started LEFT JOIN call_ends e ON e.uniqueid = c.uniqueid AND e.node = c.node
LEFT JOIN feedback f ON f.n = (SELECT max(n) FROM feedback WHERE call_id = c.id)
WHERE c.started >= ? AND c.started < ? ORDER BY c.started DESC, c.n DESC LIMIT ?"""
_COUNT = "SELECT count(*) FROM calls INDEXED BY calls_started WHERE started >= ? AND started < ?"
_HIGHER = """SELECT started, level FROM calls INDEXED BY calls_started
WHERE started >= ? AND started < ? AND level <> 'normal' ORDER BY started"""

Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]


class Shown(NamedTuple):
    """What a list shows of a call."""

    id: str
    started: float
    caller: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Newest first. `kind` is a call's row of `points`, whose columns are `names`; `fixed` calls were decided by a
    list, the mode or a fault, whatever the score; `passed` ones used a pass. `verdict` is the judge's at that time,
    and in monitor mode what it would have been. `total` counts all calls of the time."""

    since: float
    until: float
    total: int
    names: tuple[str, ...]
    points: Floats
    kind: Places
    level: Codes
    verdict: Codes
    fixed: npt.NDArray[np.bool_]
    passed: npt.NDArray[np.bool_]
    who: Labels
    calls: tuple[Shown, ...]

    def __len__(self) -> int:
        return len(self.calls)


class _Kinds:
    """A number for each different evidence. Equal texts are read once, and reasons make no difference."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._kinds: dict[tuple[tuple[str, float], ...], int] = {}

    def of(self, text: str) -> int:
        if (known := self._texts.get(text)) is not None:
            return known
        key = tuple((signal, float(points)) for signal, points, *_ in json.loads(text))
        number = self._kinds.setdefault(key, len(self._kinds))
        if len(self._texts) < MOST_CALLS:
            self._texts[text] = number
        return number

    def table(self) -> tuple[tuple[str, ...], Floats]:
        names = tuple(sorted({signal for key in self._kinds for signal, _ in key}))
        column = {name: place for place, name in enumerate(names)}
        points = np.zeros((len(self._kinds), len(names)))
        for key, row in self._kinds.items():
            for signal, value in key:
                points[row, column[signal]] += value
        return names, points


def read_sample(
    place: Place, since: float, until: float, now: float, person_talk: float, most: int = MOST_CALLS
) -> Sample:
    """The newest `most` calls of a time. Reads beside a running daemon. Raises StoreError."""
    with reading(place, now) as conn:
        total = int(conn.execute(_COUNT, (since, until)).fetchone()[0])
        return sampled(conn.execute(_CALLS, (since, until, most)), since, until, total, person_talk)


def sampled(rows: Iterable[Any], since: float, until: float, total: int, person_talk: float) -> Sample:
    """Rows as `_CALLS` names them."""
    kinds = _Kinds()
    calls: list[Shown] = []
    past: list[PastCall] = []
    codes: list[tuple[int, int, int, bool, bool]] = []
    for ident, started, caller, dialled, verdict, final, _, level, evidence, captcha, error, talk, label in rows:
        calls.append(Shown(ident, started, caller, dialled))
        past.append(_labelled(started, ident, captcha, talk or 0.0, label or ""))
        says = final.split("_")[1] if final.startswith("monitor_") else verdict
        fixed = bool(error) or final.startswith("mode") or "list_" in final
        codes.append((kinds.of(evidence), _LEVEL[level], _VERDICT.get(says, 0), fixed, final.endswith("pass")))
    names, points = kinds.table()
    table = np.array(codes, dtype=np.int32).reshape(-1, 5)
    return Sample(
        *(since, until, total, names, points, table[:, 0]),
        *(table[:, 1].astype(np.int8), table[:, 2].astype(np.int8)),
        *(table[:, 3].astype(np.bool_), table[:, 4].astype(np.bool_)),
        label_calls(past, person_talk, {}),
        tuple(calls),
    )


def _labelled(started: float, ident: str, captcha: str, talk: float, label: str) -> PastCall:
    """As much of a call as tells who it was."""
    more = Recorded(ident, "", (), CaptchaResult(captcha), 0.0, label)
    return PastCall(started, "", "", "", "", "", inf, Disposition.TALKED, 0.0, talk, 16, more)


class Attack(NamedTuple):
    """A time at a level over normal; `level` is the highest."""

    since: float
    until: float
    level: str
    calls: int


def read_attacks(place: Place, since: float, until: float, now: float, gap: float = 1800.0) -> list[Attack]:
    """Newest first; calls at a higher level with less than `gap` seconds between them are one attack."""
    with reading(place, now) as conn:
        found = list(_attacks(conn.execute(_HIGHER, (since, until)), gap))
    return found[::-1]


def _attacks(rows: Iterable[Any], gap: float) -> Iterator[Attack]:
    begun = last = 0.0
    highest = count = 0
    for started, level in rows:
        if count and started - last > gap:
            yield Attack(begun, last + 1.0, str(LEVELS[highest]), count)
            count = highest = 0
        begun = begun if count else started
        last, count, highest = started, count + 1, max(highest, _LEVEL[level])
    if count:
        yield Attack(begun, last + 1.0, str(LEVELS[highest]), count)
