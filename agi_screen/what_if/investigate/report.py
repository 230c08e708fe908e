"""The report: one HTML page for people who were not there, and who will not install anything to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Sized
from math import isnan

from agi_screen.what_if.investigate.blocks import NEAR, Block, Run
from agi_screen.what_if.investigate.columns import TOLD
from agi_screen.what_if.investigate.figures import (
    arrivals,
    block_dots,
    close_up,
    growth,
    origin_bars,
    repeater_dots,
    spacing_steps,
)
from agi_screen.what_if.investigate.findings import Findings, Group, levels_judged
from agi_screen.what_if.investigate.moments import local, span
from agi_screen.what_if.investigate.numbers import EXCHANGE, block_text, masked
from agi_screen.what_if.investigate.origin import Origin, areas, countries
from agi_screen.what_if.investigate.repeaters import LEAST_GAPS, REGULAR
from agi_screen.what_if.investigate.words import CAUTION, no_attestation, summary
from agi_screen.what_if.page import Cell, Page
from agi_screen.what_if.plot import svg_of

ROWS = 20
Shown = Callable[[str], str]


def report(f: Findings, title: str, foot: Sequence[str], *, mask: bool) -> str:
    """The whole page. `mask` hides the last four digits of callers."""
    shown: Shown = masked if mask else str
    page = Page(title).text(CAUTION)
    page.facts(_facts(f)).section("Summary")
    for sentence in summary(f):
        page.text(sentence)
    _timeline(page, f)
    _origin(page, f)
    _blocks(page, f, mask)
    _ways_in(page, f)
    _repeaters(page, f, shown)
    _spacing(page, f)
    _signals(page, f)
    page.section("How this was made")
    if mask:
        page.text(
            "The last four digits of callers are hidden on this page; thousand blocks, single runs and the picture "
            "of a block are left out."
        )
    for line in foot:
        page.foot(line)
    return page.html()


def _facts(f: Findings) -> Iterable[tuple[str, Cell]]:
    start = f.sign.start
    return (
        ("calls", f.calls),
        ("distinct callers", len(f.repeaters.caller)),
        ("first sign", "none" if start is None else local(start)),
        ("calls above normal", sum(s.excess for s in f.sign.stretches)),
        ("reached an operator", f.talked.calls),
        ("their average wait", span(f.talked.mean) if f.talked.calls else "not known"),
        ("distinct NPA-NXX blocks", len(f.blocks["exchange"])),
        ("in sequential runs", int(f.callers.in_run.sum())),
    )


def _timeline(page: Page, f: Findings) -> None:
    page.section("When").figure(
        svg_of(arrivals(f), height=4.4),
        f"Calls in steps of {span(f.timeline.whole.step)}, by what the callers were told last, with what is normal for "
        "the time; below, the highest attack level of each step. Times are of this host's zone.",
    )
    if f.timeline.close is not None:
        caption = f"Around the first sign, in steps of {span(f.timeline.close.step)}."
        page.figure(svg_of(close_up(f, f.timeline.close), height=4.0), caption)
    stretches = [
        (local(s.start), local(s.certain), local(s.end), s.peak, s.excess, s.normal) for s in f.sign.stretches[:ROWS]
    ]
    if stretches:
        heads = ("from", "certain by", "until", "peak a minute", "calls above normal", "normal a minute")
        page.table(heads, stretches, f"Times above normal. Normal is {f.sign.normal.how}.")
    changes = [(local(c.at), c.level) for c in f.levels[:ROWS]]
    judged = ", ".join(f"{calls:,} at {level}" for level, calls in levels_judged(f.columns).items() if calls)
    more = f"; {len(f.levels) - ROWS:,} more changes are not shown" if len(f.levels) > ROWS else ""
    page.table(("from", "attack level"), changes, f"The level that calls were judged at ({judged}){more}.")
    page.section("Growth").figure(
        svg_of(growth(f)),
        "Distinct callers and distinct number blocks seen since the start of the range. A steep straight rise is a "
        "flood of new numbers; a flat line under many calls is the same numbers again.",
    )


def _origin(page: Page, f: Findings) -> None:
    page.section(
        "Where the numbers belong", "By the numbering plan's own tables; a forged number shows its owner's place."
    )
    page.figure(svg_of(origin_bars(f)), "The areas with most calls, by what the callers were told last.")
    heads = ("calls", "distinct callers", *TOLD)
    page.table(("country", *heads), (_counts(o, o.country) for o in countries(f.origins)[:ROWS]), "By country.")
    page.table(
        ("country", "area", *heads), (_counts(o, o.country, o.area) for o in areas(f.origins)[:ROWS]), "By area."
    )
    places = [_counts(o, o.country, o.area, o.place or "(not known)") for o in f.origins[:ROWS]]
    page.table(("country", "area", "place", *heads), places, _first(f.origins, "Places"))


def _counts(o: Origin | Block | Group, *before: Cell) -> tuple[Cell, ...]:
    """A row: what it is of, calls, distinct callers, calls by verdict."""
    return (*before, o.calls, o.callers, *o.by_verdict)


def _blocks(page: Page, f: Findings, mask: bool) -> None:
    page.section(
        "Number blocks",
        f"A sequential run is at least five numbers, each at most {NEAR} from the next, closer together than chance "
        "puts numbers into their block. Diallers that count upwards leave such runs; people do not.",
    )
    chosen = max(f.blocks["exchange"], key=lambda b: (b.in_runs, b.callers), default=None)
    if chosen is not None and chosen.callers > 1 and not mask:
        page.figure(
            svg_of(block_dots(f, chosen)),
            f"The distinct callers of the block {block_text(chosen.block, EXCHANGE)}: last four digits, and when each "
            "called first. A slanted line is a machine that counts.",
        )
    if f.callers.runs and not mask:
        ends = ("from number", "to number", "callers", "first", "last", "rising in time")
        page.table(ends, map(_run, f.callers.runs[:ROWS]), _first(f.callers.runs, "Sequential runs, longest first"))
    for depth, name in (("area", "Area codes"), ("exchange", "NPA-NXX blocks"), ("thousand", "Thousand blocks")):
        if depth != "thousand" or not mask:
            found = f.blocks[depth]
            rows = [_counts(b, block_text(b.block, b.open_digits), local(b.first), b.in_runs) for b in found[:ROWS]]
            heads = ("block", "first call", "in runs", "calls", "distinct callers", *TOLD)
            page.table(heads, rows, _first(found, f"{name}, most distinct callers first"))


def _run(run: Run) -> tuple[Cell, ...]:
    return (
        *(f"+{run.low}", f"+{run.high}", run.callers, local(run.first), local(run.last)),
        f"{100 * run.rising:.0f} %",
    )


def _ways_in(page: Page, f: Findings) -> None:
    heads = ("calls", "distinct callers", *TOLD)
    page.section("Ways in")
    page.table(("trunk", *heads), (_counts(g, g.name) for g in f.trunks[:ROWS]), _first(f.trunks, "Trunks"))
    dialled = (_counts(g, g.name) for g in f.dialled[:ROWS])
    page.table(("dialled number", *heads), dialled, _first(f.dialled, "Dialled numbers"))
    if no_attestation(f):
        page.text("The records hold no word of attestation (STIR/SHAKEN).")
        return
    attested = (_counts(g, g.name) for g in f.attestation[:ROWS])
    page.table(
        ("attestation", *heads),
        attested,
        "What the signal `attestation` said of the calls; of many ordinary ones it says nothing.",
    )


def _repeaters(page: Page, f: Findings, shown: Shown) -> None:
    r = f.repeaters
    page.section(
        "Callers with the most calls",
        f"The variation is the standard deviation of a caller's gaps by their mean, from {LEAST_GAPS} gaps on: calls "
        f"that come by chance have about 1, a timer near 0. Below {REGULAR} a caller is called machine-regular. "
        "People who redial after a busy signal are repeaters too.",
    )
    page.figure(
        svg_of(repeater_dots(f, shown), height=4.6),
        "A mark a call; red callers are machine-regular. Of callers with very many calls only some are marked.",
    )
    rows = []
    for rank in range(min(ROWS, len(r.caller))):
        code = int(r.caller[rank])
        place = f.places.of(code)
        gap = (_gap(float(r.median_gap[rank])), _number(float(r.variation[rank])))
        flags = ("yes" if r.regular[rank] else "", "yes" if f.seen_before[rank] else "")
        name = shown(f.columns.caller_text(code))
        rows.append((name, place.place or place.country, int(r.calls[rank]), local(float(r.first[rank])), *gap, *flags))
    heads = ("caller", "place", "calls", "first", "median gap", "variation", "machine-regular", "seen before")
    page.table(heads, rows, _first(r.caller, "Callers"))


def _spacing(page: Page, f: Findings) -> None:
    where = "in the largest stretch above normal" if f.sign.stretches else "of all calls"
    page.section("Spacing of calls").figure(
        svg_of(spacing_steps(f)),
        f"Time from each call to the next, whoever called, {where}. The variation is {_number(f.spacing.variation)}: 1 "
        "is chance at an even rate, far below 1 one machine with a fixed pause, above 1 calls in bursts.",
    )


def _signals(page: Page, f: Findings) -> None:
    said = sorted(f.columns.signals.items(), key=lambda item: -item[1][0])
    rows = [(name, calls, score / max(1, calls)) for name, (calls, score) in said[:ROWS]]
    if rows:
        page.section("What the signals said")
        page.table(("signal", "calls it spoke in", "average score"), rows, "By the calls they spoke in.")
    if f.feedback:
        page.table(("operators said", "times"), list(f.feedback.items()), "Operators' words on these calls.")


def _first(found: Sized, name: str) -> str:
    count = len(found)
    return f"{name}: {f'the first {ROWS} of ' if count > ROWS else ''}{count:,}."


def _gap(seconds: float) -> str:
    return "" if isnan(seconds) else span(seconds)


def _number(value: float) -> str:
    return "" if isnan(value) else f"{value:.2f}"
