"""The report and the tables: whatever callers write stays text; what is masked stays masked; sums are the calls'."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.store_range import opened_range
from agi_screen.base.verdict import Verdict
from agi_screen.settings import load
from agi_screen.what_if.investigate.csv_files import AREAS, BLOCKS, CALLERS, CALLS, harmless
from agi_screen.what_if.investigate.findings import EmptyRangeError, Findings
from agi_screen.what_if.investigate.investigation import Asked, investigate
from agi_screen.what_if.investigate.origin import Places
from agi_screen.what_if.investigate.words import as_json, summary
from tests.made import a_call, an_end
from tests.what_if.investigate.attack import DAY, OPENING, Made, days, fill, flood
from tests.what_if.investigate.conftest import Found

HOSTILE = "=cmd|' /C calc'!A0\"<script>alert(1)</script>\u202e\x1b[31m\n@x"
ATTACK = OPENING + 600


def attack() -> list[Made]:
    rng = Random(5)
    return list(chain(days(OPENING - 3 * DAY, 4, 600, rng), flood(ATTACK, 600, 3000, rng)))


def hostile() -> list[Made]:
    call = a_call("h", started=ATTACK + 5, caller=HOSTILE, caller_raw=HOSTILE, caller_name=HOSTILE, trunk=HOSTILE)
    return [(call._replace(dialled=HOSTILE), an_end("u-h"))]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Findings, Path]:
    return written(tmp_path_factory.mktemp("attacked"), [*attack(), *hostile()])


def written(tmp_path: Path, made: list[Made], *, mask: bool = False) -> tuple[Findings, Path]:
    (tmp_path / "agi-screen.toml").write_text('[store]\npath = "calls.db"\n')
    fill(tmp_path / "calls.db", iter(made))
    settings = load(tmp_path / "agi-screen.toml")
    asked = Asked(settings.path, settings.config, settings.signals, f"Case {HOSTILE}", mask, OPENING)
    with opened_range(tmp_path / "calls.db", OPENING, OPENING + DAY / 2, OPENING) as stored:
        found, _ = investigate(stored, asked, tmp_path / "out", lambda _: None)
    return found, tmp_path / "out"


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_the_page_says_it_and_runs_nothing(attacked: tuple[Findings, Path]) -> None:
    found, out = attacked
    html = (out / "report.html").read_text()
    assert not Tags(html).seen & {"script", "img", "link", "iframe", "a"}
    assert "&lt;script&gt;" in html
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert html.count("<svg") == 7
    for words in (
        "suspected",
        "1651555xxxx",
        "machine-regular",
        "attestation",
        "NPA-NXX",
        "the same hour in the 3 days",
    ):
        assert words in html
    assert found.sign.start == ATTACK


def test_masked_page_shows_no_caller(tmp_path: Path) -> None:
    found, out = written(tmp_path, attack(), mask=True)
    html = (out / "report.html").read_text()
    assert len(re.findall(r"<td>\+1\d{6}xxxx</td>", html)) == 20
    whole = {f"{n}" for n in found.callers.number.tolist()}
    assert not whole & set(re.findall(r"\d{11}", html))
    assert "tel:+1651555" in (out / "calls.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("name", "headings"), [("calls", CALLS), ("callers", CALLERS), ("blocks", BLOCKS), ("areas", AREAS)]
)
def test_tables_hold_all_and_no_formula(attacked: tuple[Findings, Path], name: str, headings: tuple[str, ...]) -> None:
    found, out = attacked
    with (out / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == headings
    assert not [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r")]
    if name == "calls":
        assert len(rows) == found.calls
    elif name == "blocks":
        assert sum(int(r["calls"]) for r in rows if r["depth"] == "thousand") == found.calls - 1
    else:
        assert sum(int(r["calls"]) for r in rows) == found.calls


@given(st.text())
def test_no_cell_is_a_formula(text: str) -> None:
    cell = harmless(text)
    assert isinstance(cell, str)
    assert cell.lstrip()[:1] not in set("=+-@")
    assert cell.isprintable()


def test_numbers_are_tel_uris() -> None:
    assert harmless("+16515550100") == "tel:+16515550100"
    assert harmless("+1 651") == "'+1 651"
    assert harmless(2.5) == 2.5


def test_sums_are_the_calls(found: Found) -> None:
    f = found([*attack(), *hostile()], OPENING, OPENING + DAY / 2)
    assert f.calls == 3601
    for groups in (f.trunks, f.dialled, f.attestation, f.origins):
        assert sum(g.calls for g in groups) == f.calls
        assert all(sum(g.by_verdict) == g.calls for g in groups)
    assert f.timeline.whole.verdicts.sum() == f.calls
    assert f.timeline.callers[-1] == len(f.repeaters.caller)
    assert f.timeline.exchanges[-1] == len(f.blocks["exchange"])
    assert f.timeline.thousands[-1] == len(f.blocks["thousand"])
    assert f.columns.signals["caller_rate"][0] == 3001
    assert {c.level for c in f.levels} == {"normal", "elevated", "siege"}
    assert (f.levels[0].level, f.levels[0].at) == ("normal", f.columns.started[0])
    told = as_json(f, str)
    assert sum(told["verdicts"].values()) == sum(told["levels"].values()) == sum(told["captcha"].values()) == f.calls


def test_order_of_rows_does_not_matter(found: Found) -> None:
    made = attack()
    one, other = (found(rows, OPENING, OPENING + DAY / 2) for rows in (made, made[::-1]))
    assert as_json(one, str) == as_json(other, str)


def test_callers_seen_before(found: Found) -> None:
    again = "+16122220100"
    made = [
        (a_call(n, started=at, caller=c), an_end(f"u-{n}"))
        for n, at, c in (("a", OPENING - 2 * DAY, again), ("b", OPENING + 1, again), ("c", OPENING + 2, "+16122220101"))
    ]
    f = found(made, OPENING, OPENING + 60)
    seen = dict(zip(f.repeaters.caller.tolist(), f.seen_before.tolist(), strict=True))
    assert seen == {16122220100: True, 16122220101: False}
    assert "50.0 % of the callers" in summary(f)[-1]


def test_waits_are_of_those_let_through(found: Found) -> None:
    made = [
        (a_call("a", started=OPENING, final_verdict=Verdict.ALLOW), an_end("u-a", queue_wait=10.0)),
        (a_call("b", started=OPENING, final_verdict=Verdict.ALLOW), an_end("u-b", queue_wait=30.0)),
        (a_call("c", started=OPENING, final_verdict=Verdict.REJECT), an_end("u-c", queue_wait=99.0)),
    ]
    f = found(made, OPENING, OPENING + 60)
    assert (f.talked.calls, f.talked.mean, f.talked.median) == (2, 20.0, 20.0)


@pytest.mark.parametrize(
    "made",
    [
        [(a_call("a", started=OPENING), an_end("u-a"))],
        [(a_call(f"{n}", started=OPENING + 9, caller="anonymous"), an_end(f"u-{n}")) for n in range(9)],
        [
            (a_call(f"{n}", started=OPENING + DAY / 3 * (n % 2), caller="+442079460000"), an_end("other"))
            for n in range(9)
        ],
    ],
    ids=["one call", "nobody has a number", "nothing is known of their ends"],
)
def test_little_is_said_of_little(tmp_path: Path, made: list[Made]) -> None:
    found, out = written(tmp_path, made)
    assert found.calls == len(made)
    assert found.sign.start is None
    assert "No time stands out" in (out / "report.html").read_text()


def test_years_without_records_cost_nothing(found: Found) -> None:
    f = found([(a_call("a", started=OPENING), an_end("u-a"))], 0.0, 1e11)
    assert (f.sign.first_minute, len(f.sign.minutes)) == (OPENING // 60, 1440)


def test_an_empty_range_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(EmptyRangeError, match="no call was recorded"):
        written(tmp_path, [(a_call("a", started=OPENING - 1), an_end("u-a"))])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("number", "country", "area"),
    [
        (16515550100, "United States", "651 Minnesota"),
        (14165550100, "Canada", "416 Ontario"),
        (12425550100, "Bahamas", "242"),
        (18005550100, "North America", "800 toll-free"),
        (442079460000, "United Kingdom", ""),
        (19995550100, "(not known)", "999"),
        (-1, "(no number)", ""),
    ],
)
def test_places(number: int, country: str, area: str) -> None:
    assert Places().of(number)[:2] == (country, area)


def test_place_of_a_town() -> None:
    place = Places().of(442079460000)
    assert (place.place, place.zone) == ("London", "Europe/London")
