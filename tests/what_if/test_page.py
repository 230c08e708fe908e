"""The page: what is said on it is text and never markup, and it asks nobody for anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from agi_screen.what_if.page import Page
from agi_screen.what_if.plot import SERIES, svg_of

HOSTILE = '</td><script>alert(1)</script><img src="//x" onerror=1>"\'&\u202e\x1b[31m$\\frac{1}{2}$'


class Seen(HTMLParser):
    """Which elements and ids a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.outside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.outside += [
            value or ""
            for name, value in attrs
            if name in {"src", "href", "xlink:href", "srcset"} and not (value or "").startswith("#")
        ]


def _bars(figure: Figure) -> None:
    axes = figure.subplots()
    axes.bar(["a", HOSTILE], [1, 2], color=SERIES[1], label=HOSTILE)
    axes.legend()


def test_page_opens_alone() -> None:
    page = Page("Replay").section("Calls", "Two.").facts([("calls", 2)])
    page.figure(svg_of(_bars), "Calls by hour").figure(svg_of(_bars), "Again", "the same bars")
    html = page.table(("caller", "score"), [("+1", 2.5)]).foot("made today").html()
    seen = Seen(html)
    assert seen.outside == []
    assert "http" not in html.replace("http-equiv", "")
    assert len(seen.ids) == len(set(seen.ids))
    assert 'aria-label="the same bars"' in html
    for target in re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', html):
        assert "".join(target) in seen.ids


def test_pictures_follow_the_page_s_colours() -> None:
    svg = svg_of(_bars)
    assert "var(--c1)" in svg
    assert "#0102" not in svg
    assert "<text" in svg


def test_numbers_at_the_axes_are_no_formulas() -> None:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.plot([1, 1_000_000], [1, 50_000])

    svg = svg_of(draw)
    assert "math" not in svg
    assert ">1,000,000<" in svg.replace(" ", "")
    assert ">50,000<" in svg.replace(" ", "")


def test_same_drawing_same_svg() -> None:
    assert svg_of(_bars) == svg_of(_bars)


@given(st.text())
@example(HOSTILE)
@settings(max_examples=50, deadline=None)
def test_no_text_becomes_markup(text: str) -> None:
    def made(words: str) -> Seen:
        page = Page(words).section(words, words or "-").facts([(words, words)]).foot(words)
        return Seen(page.figure("<svg ></svg>", words, words).table((words, "n"), [(words, 1)], words or "-").html())

    assert made(text).tags == made("plain").tags


def test_numbers_stand_right() -> None:
    html = Page("t").table(("name", "calls", "share"), [("a", 12345, 0.5)]).html()
    assert '<td class="n">12,345</td><td class="n">0.50</td>' in html
    assert "<td>a</td>" in html
