"""The page of a proposal: the trade-off as a curve, and the figures behind it."""

from __future__ import annotations

from matplotlib.figure import Figure

from agi_screen.what_if.page import Page
from agi_screen.what_if.plot import INK, SERIES, svg_of
from agi_screen.what_if.tune.tune import Choice, Tuned


def page(tuned: Tuned, rate: float, file: str) -> str:
    """One HTML file that opens offline."""
    made = Page(f"Tuning to {rate:.2%} of people challenged")
    made.facts((("people", tuned.people), ("robots", tuned.robots), ("calls of unknown callers", tuned.unlabelled)))
    if tuned.why:
        made.text(f"Nothing is proposed: {tuned.why}.")
    if tuned.present is not None and tuned.proposed is not None:
        made.section("The trade-off", "On the later part of the calls, which the proposal was not made from.")
        made.figure(svg_of(lambda figure: _curve(figure, tuned, rate)), "Robots let through against people challenged.")
        heads = ("people challenged", "robots let through, present weights", "with the proposed weights")
        made.table(
            heads, [(f"{p.rate:.2%}", f"{p.present_allowed:.2%}", f"{p.proposed_allowed:.2%}") for p in tuned.curve]
        )
        made.section("Both parts").table(HEADS, rows(tuned))
    if tuned.toml:
        made.section("What to change", "To be written into the configuration by you; nothing has been applied.")
        made.table(("line",), [(line,) for line in tuned.toml.splitlines() if line])
    return made.foot(f"Made by agi-screen tune from {file}.").html()


HEADS = ("configuration", "part", "people challenged", "true share at most", "at higher levels", "robots let through")


def _rows(name: str, choice: Choice) -> list[tuple[str, ...]]:
    return [
        (
            *(name, part, f"{r.people_challenged:,} of {r.people:,} ({r.share:.2%})", f"{r.upper:.2%}"),
            f"{r.others_challenged:,} of {r.others:,} ({r.others_share:.1%})",
            f"{r.robots_allowed:,} of {r.robots:,} ({r.allowed:.2%})",
        )
        for part, r in (("earlier", choice.earlier), ("later", choice.later))
    ]


def rows(tuned: Tuned) -> list[tuple[str, ...]]:
    """The figures of both choices on both parts, in the order of `HEADS`."""
    sides = (("present", tuned.present), ("proposed", tuned.proposed))
    return [row for name, choice in sides if choice is not None for row in _rows(name, choice)]


def _curve(figure: Figure, tuned: Tuned, rate: float) -> None:
    axes = figure.subplots()
    rates = [100 * point.rate for point in tuned.curve]
    sides = (("present weights", SERIES[5], "present_allowed"), ("proposed weights", SERIES[0], "proposed_allowed"))
    for name, colour, field in sides:
        axes.plot(rates, [100 * getattr(p, field) for p in tuned.curve], "o-", color=colour, label=name)
    axes.axvline(100 * rate, color=INK, linestyle=":", label="wished")
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("people challenged, %")
    axes.set_ylabel("robots let through, %")
    axes.legend()
