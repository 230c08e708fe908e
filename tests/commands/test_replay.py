"""`agi-screen replay`: the contract of OUT, what it shows, and what it says of files it cannot use."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.commands.conftest import Run
from tests.what_if.made_cdr import row, text

HEADER = "uniqueid,start,src,dst,verdict,score,level,reasons"
HOSTILE = ('=HYPERLINK("http://x")', "@SUM(1)", "-2+3", "+1+2", "\t=1", "a\nb", "\x1b[31m")


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """Ten calls of people, and one that no numbering plan has."""
    path = tmp_path / "Master.csv"
    path.write_text(text([row(n, at=n * 400) for n in range(10)] + [row(10, at=9000, src="0005551234")]))
    return path


def test_output(run: Run, master: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run("replay", str(master), "--timezone", "UTC", "--output", str(out)).code == 0
    lines = out.read_text().splitlines()
    assert lines[0] == HEADER
    assert lines[1] == "1772452800.0,2026-03-02 12:00:00,6125550000,18005550100,allow,0.00,normal,"
    assert (
        lines[11]
        == "1772461800.10,2026-03-02 14:30:00,0005551234,18005550100,challenge,5.50,normal,invalid_number:5.50"
    )
    assert len(lines) == 12


@pytest.mark.parametrize("src", HOSTILE)
def test_no_cell_is_a_formula(run: Run, tmp_path: Path, src: str) -> None:
    master, out = tmp_path / "Master.csv", tmp_path / "out.csv"
    master.write_text(text([row(1, src=src, dst=src, uniqueid=src)]))
    assert run("replay", str(master), "--timezone", "UTC", "-o", str(out)).code == 0
    (heads, cells) = csv.reader(out.read_text().splitlines())
    assert ",".join(heads) == HEADER
    for cell in (cells[0], cells[2], cells[3]):
        assert cell[0] not in "=+-@\t\r"
        assert cell.isprintable()


def test_a_plain_number_keeps_its_plus(run: Run, tmp_path: Path) -> None:
    master, out = tmp_path / "Master.csv", tmp_path / "out.csv"
    master.write_text(text([row(1, src="+16125550101")]))
    run("replay", str(master), "-o", str(out))
    assert ",+16125550101," in out.read_text()


def test_json(run: Run, master: Path) -> None:
    (found,) = run("replay", str(master), "--timezone", "UTC", "--json").objects
    assert found["calls"] == 11
    assert found["judged"]["verdicts"]["challenge"] == {"calls": 1, "share": 1 / 11}
    first = found["judged"]["signals"][0]
    assert (first["signal"], first["calls"], first["only_because"]) == ("invalid_number", 1, 1)
    assert found["calls_per_second"] > 0


def test_against_another_configuration(run: Run, master: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[signals.invalid_number]\nweight = 1.0\n")
    words = ("replay", str(master), "--timezone", "UTC", "--against", str(other))
    (change,) = run(*words, "--json").objects[0]["changes"]
    assert (change["was"], change["becomes"], change["calls"]) == ("challenge", "allow", 1)
    assert change["examples"][0]["other_reasons"] == "invalid_number:1.00"
    assert "challenge → allow" in run(*words).out


def test_page(run: Run, tmp_path: Path) -> None:
    master, page, other = tmp_path / "Master.csv", tmp_path / "page.html", tmp_path / "other.toml"
    other.write_text("[signals.invalid_number]\nweight = 1.0\n")
    master.write_text(text([row(1), row(2, at=5, src="<script>alert(1)</script>")]))
    words = ("--timezone", "UTC", "--page", str(page), "--against", str(other))
    assert run("replay", str(master), *words).code == 0
    html = page.read_text()
    assert html.count("<figure>") == 4
    assert "<script" not in html
    assert "http:" not in html
    assert "&lt;script&gt;" in html


def test_lists_of_the_configured_database(run: Run, master: Path) -> None:
    run("list", "add", "allow", "0005551234")
    with_lists = run("replay", str(master), "--json").objects[0]
    assert "1 list entries" in with_lists["lists"]
    assert with_lists["judged"]["ended_by"] == {"list_allow_number": 1}
    assert run("replay", str(master), "--no-lists", "--json").objects[0]["judged"]["ended_by"] == {}


def test_bad_lines(run: Run, master: Path) -> None:
    with master.open("a") as file:
        file.write("rubbish\n")
    done = run("replay", str(master))
    assert (done.code, done.out) == (2, "")
    assert f"{master}:12: columns = 1: " in done.err
    assert "--skip-bad" in done.err
    done = run("replay", str(master), "--skip-bad", "--json")
    assert (done.code, json.loads(done.out)["bad_lines"]) == (0, 1)
    assert f"{master}:12: columns = 1: " in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("/nowhere/Master.csv",), "/nowhere/Master.csv: file: cannot be read"),
        (("MASTER", "--timezone", "Mars/Base"), '--timezone "Mars/Base": there is no such zone'),
        (("MASTER", "--timezone", "../../etc/passwd"), "there is no such zone"),
        (("MASTER", "--output", "/nowhere/out.csv"), "/nowhere/out.csv: --output: cannot be written"),
        (("MASTER", "--output", "MASTER"), "is the file to be replayed"),
        (("MASTER", "--page", "/nowhere/page.html"), "/nowhere/page.html: --page: cannot be written"),
        (("MASTER", "--against", "/nowhere/x.toml"), "/nowhere/x.toml: file: cannot be read"),
    ],
)
def test_errors(run: Run, master: Path, words: tuple[str, ...], said: str) -> None:
    before = master.read_text()
    done = run("replay", *(str(master) if word == "MASTER" else word for word in words))
    assert done.code == 2
    assert said in done.err
    assert master.read_text() == before
