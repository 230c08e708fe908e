"""Everything found about the calls of a time, counted; what the report, the tables and the summary show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.records import Disposition
from agi_screen.base.store_range import Row, StoreRange
from agi_screen.base.verdict import Verdict
from agi_screen.what_if.investigate.blocks import DEPTHS, Block, Callers, blocks, distinct_callers
from agi_screen.what_if.investigate.columns import (
    CAPTCHAS,
    DISPOSITIONS,
    LEVELS,
    VERDICTS,
    Bools,
    Columns,
    Floats,
    Gathering,
    Ints,
    caller_number,
)
from agi_screen.what_if.investigate.first_sign import PAST, FirstSign, first_sign
from agi_screen.what_if.investigate.origin import Origin, Places, origins, verdict_table
from agi_screen.what_if.investigate.repeaters import Repeaters, repeaters
from agi_screen.what_if.investigate.timeline import LevelChange, Spacing, Timeline, level_changes, spacing, timeline

CHUNK = 5_000
LONG_TALK = 60.0  # seconds: few robots' calls last as long once answered
Told = Callable[[int], None]


class EmptyRangeError(AgiScreenError):
    """No call was recorded in the time asked for."""


class Sink(Protocol):
    """Takes each row of `StoreRange.calls` as it is read."""

    def take(self, row: Row) -> None: ...


@dataclass(frozen=True, slots=True)
class Group:
    """Calls that have one thing in common, such as their trunk. `by_verdict` in the order of VERDICTS."""

    name: str
    calls: int
    callers: int
    by_verdict: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """Of `calls` calls, in seconds."""

    calls: int
    mean: float
    median: float
    nine_of_ten: float


@dataclass(frozen=True, slots=True)
class Findings:
    """`since` and `until` in seconds since 1970 UTC; `seen_before` says of each of `repeaters` whether it called in
    the four weeks before; `past_days` is how much of these is recorded. `spacing` is of the largest stretch above
    normal, or of all calls; `talked_above` of the calls in any such stretch, `talked_else` of the others."""

    since: float
    until: float
    columns: Columns
    places: Places
    origins: list[Origin]
    callers: Callers
    blocks: dict[str, list[Block]]
    trunks: list[Group]
    dialled: list[Group]
    attestation: list[Group]
    repeaters: Repeaters
    seen_before: Bools
    past_days: float
    sign: FirstSign
    timeline: Timeline
    levels: list[LevelChange]
    spacing: Spacing
    talked: Waits
    talked_above: Waits
    talked_else: Waits
    abandoned: Waits
    feedback: dict[str, int]

    @property
    def calls(self) -> int:
        return len(self.columns)


def findings(stored: StoreRange, sinks: Sequence[Sink], told: Told) -> Findings:
    """Reads the range once, and gives every row to `sinks` too; `told` hears how many more were read."""
    columns = _gathered(stored, sinks, told)
    if not len(columns):
        raise EmptyRangeError("no call was recorded in this time: name another with --from and --to")
    places = Places()
    callers, repeating = distinct_callers(columns), repeaters(columns)
    sign = first_sign(stored, columns.started)
    above, every = sign.above(columns.started), np.ones(len(columns), bool)
    begun = stored.first_record() or stored.since
    return Findings(
        since=stored.since,
        until=stored.until,
        columns=columns,
        places=places,
        origins=origins(columns, places),
        callers=callers,
        blocks={name: blocks(columns, callers, open_digits) for name, open_digits in DEPTHS.items()},
        trunks=_groups(columns, columns.trunk, columns.trunk_names),
        dialled=_groups(columns, columns.dialled, columns.dialled_names),
        attestation=_groups(columns, columns.attestation, columns.attestation_names),
        repeaters=repeating,
        seen_before=_seen_before(stored, repeating.caller, columns),
        past_days=min(PAST, max(0.0, stored.since - begun)) / 86_400.0,
        sign=sign,
        timeline=timeline(columns, callers, sign),
        levels=level_changes(columns),
        spacing=spacing(columns.started[_of_largest(columns, sign)]),
        talked=_waits(columns, Disposition.TALKED, every),
        talked_above=_waits(columns, Disposition.TALKED, above),
        talked_else=_waits(columns, Disposition.TALKED, ~above),
        abandoned=_waits(columns, Disposition.ABANDONED, every),
        feedback=dict(Counter(str(row[2]) for row in stored.feedback())),
    )


def _gathered(stored: StoreRange, sinks: Sequence[Sink], told: Told) -> Columns:
    gathering = Gathering()
    takers = [gathering.take, *(sink.take for sink in sinks)]
    rows = stored.calls()
    while chunk := list(islice(rows, CHUNK)):
        for row in chunk:
            for take in takers:
                take(row)
        told(len(chunk))
    return gathering.columns()


def _groups(columns: Columns, code: Ints, names: Sequence[str]) -> list[Group]:
    told = verdict_table(code, columns.final, len(names))
    pairs = np.unique(np.stack((code, columns.caller)), axis=1)[0] if len(names) > 1 else np.unique(columns.caller) * 0
    distinct = np.bincount(pairs, minlength=len(names))
    made = [Group(names[i] or "(none)", sum(told[i]), int(distinct[i]), told[i]) for i in range(len(names))]
    return sorted(made, key=lambda g: (-g.calls, g.name))


def _seen_before(stored: StoreRange, callers: Ints, columns: Columns) -> Bools:
    """Whether each caller has a call in the four weeks before the range."""
    known = np.sort(callers)
    seen = np.zeros(len(known), bool)
    hidden = {text: number for number, text in columns.hidden.items()}
    for chunk in _chunks(stored.callers_before(stored.since - PAST)):
        read = (hidden.get(text) if "~" in text else caller_number(text) for (text,) in chunk)
        numbers = np.unique(np.array([n for n in read if n is not None], np.int64))
        seen |= np.isin(known, numbers, assume_unique=True)
    found: Bools = seen[np.searchsorted(known, callers)]
    return found


def _chunks(rows: Iterator[tuple[str]]) -> Iterator[list[tuple[str]]]:
    while chunk := list(islice(rows, 40 * CHUNK)):
        yield chunk


def _of_largest(columns: Columns, sign: FirstSign) -> Bools:
    """The calls of the largest stretch above normal; all where there is none."""
    largest, at = sign.largest, columns.started
    return at >= at[0] if largest is None else (at >= largest.start) & (at < largest.end)


def _waits(columns: Columns, disposition: Disposition, some: Bools) -> Waits:
    chosen = (
        some
        & (columns.disposition == DISPOSITIONS.index(disposition))
        & (columns.final == VERDICTS.index(Verdict.ALLOW))
    )
    wait: Floats = columns.wait[chosen]
    if not len(wait):  # of those let through: who hangs up in the CAPTCHA waits for no operator
        return Waits(0, 0.0, 0.0, 0.0)
    return Waits(len(wait), float(wait.mean()), float(np.median(wait)), float(np.percentile(wait, 90)))


def by_word(code: Ints, words: Sequence[str]) -> dict[str, int]:
    """How often each word's place stands in `code`."""
    counted = np.bincount(code[code >= 0], minlength=len(words))
    return {str(word): int(calls) for word, calls in zip(words, counted, strict=True)}


def verdicts_told(columns: Columns) -> dict[str, int]:
    """Calls by what they were told last."""
    return by_word(columns.final, VERDICTS)


def captchas(columns: Columns) -> dict[str, int]:
    """Calls by the result of their CAPTCHA."""
    return by_word(columns.captcha, CAPTCHAS)


def levels_judged(columns: Columns) -> dict[str, int]:
    """Calls by the level they were judged at."""
    return by_word(columns.level, LEVELS)
