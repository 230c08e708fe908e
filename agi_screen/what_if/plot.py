"""Figures for `page.py`: matplotlib's SVG in the page's own colours, so that it turns dark with the page."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation, NullFormatter, ScalarFormatter

from agi_screen.base.text import one_line

# Drawn in these and named anew in the SVG: colours that matplotlib knows, and CSS variables that it does not.
INK, FAINT = "#010204", "#010205"
SERIES = ("#010210", "#010211", "#010212", "#010213", "#010214", "#010215")
VERDICTS = {"allow": SERIES[0], "challenge": SERIES[1], "reject": SERIES[2], "divert": SERIES[3]}
_NAMES = {INK: "var(--ink)", FAINT: "var(--line)", **{colour: f"var(--c{n})" for n, colour in enumerate(SERIES)}}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: it can be read out, searched and copied
    "svg.hashsalt": "agi-screen",  # the same calls make the same file
    "text.parse_math": False,  # a caller's dollar is no formula
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "axes.facecolor": "none",
    "legend.framealpha": 0.0,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
}
_HEAD = re.compile(r"\A.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACES = re.compile(r' xmlns(:xlink)?="[^"]*"')
_COLOUR = re.compile("|".join(_NAMES))


def svg_of(draw: Callable[[Figure], None], width: float = 9.5, height: float = 3.6) -> str:
    """The SVG of what `draw` draws on a fresh figure, `width` by `height` inches, to stand in an HTML page."""
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # The reader's own fonts draw the text; that ours lacks a letter only means a width is guessed.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.patch.set_alpha(0.0)
        draw(figure)
        _write_plainly(figure)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    svg = _NAMESPACES.sub("", _METADATA.sub("", _HEAD.sub("", text.getvalue())))
    svg = "\n".join(map(one_line, svg.replace("xlink:href", "href").splitlines()))
    return _COLOUR.sub(lambda found: _NAMES[found[0]], svg)


def _write_plainly(figure: Figure) -> None:
    """Numbers at the axes as people write them: matplotlib's own powers of ten are formulas, which are off here."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if type(axis.get_major_formatter()) in (ScalarFormatter, LogFormatterSciNotation):
                axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
                axis.set_minor_formatter(NullFormatter())
