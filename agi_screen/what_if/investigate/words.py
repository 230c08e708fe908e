"""The findings in plain words and as JSON. What is suspected is called so: numbers can be forged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from math import isnan
from typing import Any

import numpy as np

from agi_screen.what_if.investigate.columns import DISPOSITIONS, LEVELS, NO_WORD
from agi_screen.what_if.investigate.findings import (
    LONG_TALK,
    Findings,
    Group,
    by_word,
    captchas,
    levels_judged,
    verdicts_told,
)
from agi_screen.what_if.investigate.moments import local, span
from agi_screen.what_if.investigate.numbers import block_text
from agi_screen.what_if.investigate.origin import areas, countries
from agi_screen.what_if.investigate.repeaters import REGULAR

CAUTION = (
    "Caller numbers can be forged: a number, its area or its block says where the number belongs, not who called. "
    "What stands here is a pattern in this system's own records, a suspicion and no proof."
)
Shown = Callable[[str], str]


def summary(f: Findings) -> list[str]:
    """A few sentences, the most important first."""
    return [_what(f), _verdicts(f), _through(f), _first_sign(f), _levels(f), _origin(f), _pattern(f), _known(f)]


def _what(f: Findings) -> str:
    dids, trunks = len(f.dialled), len(f.trunks)
    return (
        f"From {local(f.since)} to {local(f.until)}, {_many(f.calls, 'call')} came from "
        f"{_many(len(f.repeaters.caller), 'distinct caller')} to {_many(dids, 'number')} over {_many(trunks, 'trunk')}."
    )


def _verdicts(f: Findings) -> str:
    told, by_captcha = verdicts_told(f.columns), captchas(f.columns)
    asked = f.calls - by_captcha["skipped"]
    return (
        f"{told['allow']:,} were let through, {told['divert']:,} diverted, {told['reject']:,} rejected; "
        f"{asked:,} were put to the CAPTCHA, of whom {by_captcha['passed']:,} passed, {by_captcha['failed']:,} failed "
        f"and {by_captcha['hungup']:,} hung up."
    )


def _through(f: Findings) -> str:
    if not f.talked.calls and not f.abandoned.calls:
        return "How the calls ended is not recorded (this needs the AMI connection)."
    talked, long = f.talked, int((f.columns.talk >= LONG_TALK).sum())
    return (
        f"{_many(talked.calls, 'call')} reached an operator, {long:,} of them for {LONG_TALK:.0f} s or longer; they "
        f"waited {span(talked.mean)} on average, half of them under {span(talked.median)}, nine of ten under "
        f"{span(talked.nine_of_ten)}. {f.abandoned.calls:,} gave up waiting, after {span(f.abandoned.mean)} on average."
        f"{_then_and_else(f)}"
    )


def _then_and_else(f: Findings) -> str:
    above, other = f.talked_above, f.talked_else
    if not above.calls or not other.calls:
        return ""
    return (
        f" While arrivals were above normal {above.calls:,} got through, after {span(above.mean)} on average; at other "
        f"times {other.calls:,}, after {span(other.mean)}."
    )


def _first_sign(f: Findings) -> str:
    how = f"Normal is {f.sign.normal.how}."
    if not f.sign.stretches:
        return f"No time stands out: arrivals stayed near what is normal. {how}"
    first, more = f.sign.stretches[0], len(f.sign.stretches) - 1
    largest = f.sign.largest or first
    said = (
        f"First sign of a suspected attack: {local(first.start)}, when arrivals rose over the {first.normal:.1f} calls "
        f"a minute that are normal then; certain by {local(first.certain)}. They peaked at {first.peak:,} a minute and "
        f"stayed up until {local(first.end)}: {first.excess:,} calls above normal."
    )
    if more:
        said += f" {_many(more, 'more stretch', 'more stretches')} followed; the largest began {local(largest.start)}."
    return f"{said} {how}"


def _levels(f: Findings) -> str:
    """When each level above normal was in force first."""
    first: dict[str, float] = {}
    for change in f.levels:
        first.setdefault(change.level, change.at)
    raised = [f"{level} from {local(first[level])}" for level in LEVELS[1:] if level in first]
    return f"The attack level was {', '.join(raised)}." if raised else "The attack level was normal all the time."


def _origin(f: Findings) -> str:
    of_country, of_area = countries(f.origins)[:3], areas(f.origins)[:3]
    by_country = ", ".join(f"{o.country} {_percent(o.calls, f.calls)}" for o in of_country)
    by_area = ", ".join(f"{o.area or o.country} {_percent(o.calls, f.calls)}" for o in of_area)
    return f"The calls' numbers belong to {by_country}; the areas with most calls are {by_area}."


def _pattern(f: Findings) -> str:
    parts: list[str] = []
    if f.callers.runs:
        longest = f.callers.runs[0]
        parts.append(
            f"{_many(int(f.callers.in_run.sum()), 'caller')} stand in {_many(len(f.callers.runs), 'sequential run')} "
            f"of neighbouring numbers, the longest {longest.callers:,} numbers in the block "
            f"{block_text(longest.low // 10_000, 4)}"
        )
    regular = int(f.repeaters.regular.sum())
    if regular:
        calls = int(f.repeaters.calls[f.repeaters.regular].sum())
        parts.append(f"{_many(regular, 'caller')} ({_many(calls, 'call')}) called as evenly as a machine")
    often = int(f.repeaters.calls[f.repeaters.calls >= 10].sum())
    if often:
        parts.append(f"callers with ten calls or more made {_percent(often, f.calls)} of the calls")
    if not parts:
        return (
            "No pattern stands out: no sequential numbers, no machine-regular callers, nobody with ten calls or more."
        )
    return f"Suspected pattern: {'; '.join(parts)}."


def _known(f: Findings) -> str:
    if f.past_days < 1:
        return "Whether the callers had called before is not known: the records begin less than a day earlier."
    seen = int(f.repeaters.calls[f.seen_before].sum())
    return (
        f"{_percent(int(f.seen_before.sum()), len(f.seen_before))} of the callers, with {_percent(seen, f.calls)} of "
        f"the calls, had called in the {f.past_days:.0f} days before."
    )


def as_json(f: Findings, shown: Shown) -> dict[str, Any]:
    """The summary for programs; times in seconds since 1970 UTC. `shown` masks callers, or does not."""
    order = range(min(10, len(f.repeaters.caller)))
    return {
        "from": f.since,
        "to": f.until,
        "calls": f.calls,
        "callers": len(f.repeaters.caller),
        "verdicts": verdicts_told(f.columns),
        "captcha": captchas(f.columns),
        "levels": levels_judged(f.columns),
        "ends": by_word(f.columns.disposition, DISPOSITIONS),
        "waits": {
            "talked": asdict(f.talked),
            "talked_above_normal": asdict(f.talked_above),
            "talked_else": asdict(f.talked_else),
            "abandoned": asdict(f.abandoned),
        },
        "first_sign": f.sign.start,
        "stretches": [asdict(stretch) for stretch in f.sign.stretches],
        "normal": f.sign.normal.how,
        "countries": [
            {"country": o.country, "calls": o.calls, "callers": o.callers} for o in countries(f.origins)[:10]
        ],
        "areas": [{"area": o.area, "calls": o.calls, "callers": o.callers} for o in areas(f.origins)[:10]],
        "blocks": {depth: len(found) for depth, found in f.blocks.items()},
        "sequential": {"runs": len(f.callers.runs), "callers": int(f.callers.in_run.sum())},
        "machine_regular": {"below": REGULAR, "callers": int(f.repeaters.regular.sum())},
        "repeaters": [_repeater(f, rank, shown) for rank in order],
        "trunks": _grouped(f.trunks),
        "attestation": _grouped(f.attestation),
        "seen_before": float(np.mean(f.seen_before)) if f.past_days >= 1 else None,
        "feedback": f.feedback,
        "summary": [*summary(f), CAUTION],
    }


def _repeater(f: Findings, rank: int, shown: Shown) -> dict[str, Any]:
    r = f.repeaters
    caller = shown(f.columns.caller_text(int(r.caller[rank])))
    gap, variation = float(r.median_gap[rank]), float(r.variation[rank])
    spaced = {"median_gap": None if isnan(gap) else gap, "variation": None if isnan(variation) else variation}
    return {"caller": caller, "calls": int(r.calls[rank]), **spaced, "machine_regular": bool(r.regular[rank])}


def _grouped(groups: list[Group]) -> dict[str, int]:
    return {g.name: g.calls for g in groups[:20]}


def no_attestation(f: Findings) -> bool:
    """True when no record says anything of it."""
    return {g.name for g in f.attestation} <= {NO_WORD}


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.1f} %"
