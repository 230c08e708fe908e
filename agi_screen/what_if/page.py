"""A page that is one file: headings, text, tables and figures, with its style inside. It asks no host for anything,
follows the reader's dark or light, and fits a telephone. All text is escaped here; figures come from `plot.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Self

from agi_screen.base.text import one_line

Cell = str | int | float

# Said to the browser too: were a caller's text ever taken for markup, it could still load and run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2429; --faint: #5b6770; --line: #d5dce1; --band: #f4f6f8;
  --c0: #1f6f8b; --c1: #b3661b; --c2: #b3303b; --c3: #6a4c93; --c4: #3f7d3a; --c5: #6b7780; }
@media (prefers-color-scheme: dark) { :root { --paper: #14191d; --ink: #e4e9ec; --faint: #9aa7b0; --line: #36414a;
  --band: #1c2329; --c0: #5fb6d4; --c1: #e6a15c; --c2: #f07f88; --c3: #b39ddb; --c4: #86c580; --c5: #9aa7b0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .5rem; }
p { max-width: 45rem; } .foot { color: var(--faint); font-size: .85rem; }
dl { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
dl div { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .8rem; min-width: 8rem; }
dt { color: var(--faint); font-size: .85rem; } dd { margin: 0; font-size: 1.15rem; overflow-wrap: anywhere; }
figure { margin: 1rem 0; } figcaption, caption { color: var(--faint); font-size: .9rem; text-align: left; }
caption { padding-bottom: .3rem; } svg { width: 100%; height: auto; max-width: 60rem; display: block; }
.wide { overflow-x: auto; margin: 1rem 0; } table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { background: var(--band); } td { overflow-wrap: anywhere; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { max-width: none; } .wide { overflow: visible; } h2 { break-after: avoid; } }
"""
_ID = re.compile(r'(\bid="|href="#|url\(#)')


class Page:
    """Filled from top to bottom; each method gives the page back, so that calls can be chained."""

    def __init__(self, title: str) -> None:
        self._title = _text(title)
        self._parts: list[str] = []
        self._figures = 0

    def section(self, heading: str, text: str = "") -> Self:
        """A heading, and a paragraph where there is `text`."""
        self._parts.append(f"<h2>{_text(heading)}</h2>")
        return self.text(text) if text else self

    def text(self, text: str) -> Self:
        """A paragraph."""
        self._parts.append(f"<p>{_text(text)}</p>")
        return self

    def facts(self, pairs: Iterable[tuple[str, Cell]]) -> Self:
        """A few figures that matter most, each with its name."""
        tiles = "".join(f"<div><dt>{_text(name)}</dt><dd>{_text(_shown(value))}</dd></div>" for name, value in pairs)
        self._parts.append(f"<dl>{tiles}</dl>")
        return self

    def figure(self, svg: str, caption: str, alt: str = "") -> Self:
        """A picture made by `plot.svg_of`. `alt` says it in words for who does not see it; else the caption does."""
        self._figures += 1
        own = _ID.sub(rf"\g<1>f{self._figures}-", svg)  # matplotlib gives the same ids in every picture
        label = escape(one_line(alt or caption))
        own = own.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
        self._parts.append(f"<figure>{own}<figcaption>{_text(caption)}</figcaption></figure>")
        return self

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[Cell]], caption: str = "") -> Self:
        """A table; columns of numbers stand to the right. A cell that is text is shown as it is."""
        body = list(rows)
        numeric = [bool(body) and all(not isinstance(row[i], str) for row in body) for i in range(len(headings))]
        head = "".join(f'<th scope="col"{_side(n)}>{_text(h)}</th>' for h, n in zip(headings, numeric, strict=True))
        lines = "".join(
            "<tr>"
            + "".join(f"<td{_side(n)}>{_text(_shown(c))}</td>" for c, n in zip(row, numeric, strict=True))
            + "</tr>"
            for row in body
        )
        title = f"<caption>{_text(caption)}</caption>" if caption else ""
        region = f'class="wide" tabindex="0" role="region" aria-label="{_text(caption or headings[0])}"'
        self._parts.append(
            f"<div {region}><table>{title}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
        )
        return self

    def foot(self, text: str) -> Self:
        """A small line: what the page was made from, and when."""
        self._parts.append(f'<p class="foot">{_text(text)}</p>')
        return self

    def html(self) -> str:
        """The whole file."""
        head = (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="referrer" content="no-referrer">'
            f"<title>{self._title}</title><style>{_STYLE}</style></head>\n<body><main><h1>{self._title}</h1>\n"
        )
        return head + "\n".join(self._parts) + "\n</main></body></html>\n"


def _text(text: str) -> str:
    """Harmless in HTML, and on one line: no caller reverses our text with a bidi character either."""
    return escape(one_line(text))


def _side(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _shown(value: Cell) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
