"""`agi-screen simulate`: a tiny scenario from the file to table, figures and picture."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from agi_screen.commands.simulate import simulate

app = Typer()
app.command()(simulate)
TINY = """
title = "tiny"
start = 2016-11-01T09:00:00
duration = "20m"
[centre]
operators = 2
lines = 20
[people]
hours = [90]
[warmup]
weeks = 0
[[attack]]
kind = "hammer"
start = "5m"
duration = "10m"
calls = 200
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def ran(*words: object) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


def test_table_json_and_picture(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ran(tiny, "--seeds", 2, "--jobs", 1, "--compare", "--output", out)
    assert done.exit_code == 0, done.output
    assert "screened / normal" in done.stdout
    assert "| people: calls |" in (out / "simulation.md").read_text()
    (found,) = json.loads((out / "simulation.json").read_text())
    assert found["scenario"] == "tiny"
    assert found["seeds"] == 2
    unscreened, screened = found["modes"]["unscreened"], found["modes"]["screened"]
    assert screened["robots_served"]["mean"] < unscreened["robots_served"]["mean"]
    assert unscreened["people_busy"]["low"] <= unscreened["people_busy"]["mean"] <= unscreened["people_busy"]["high"]
    assert ElementTree.parse(out / "tiny.svg").getroot().tag.endswith("svg")


def test_json_is_the_same_for_the_same_seeds_and_ablation_names_each_signal(tiny: Path) -> None:
    words = (tiny, "--seeds", 1, "--jobs", 1, "--ablate", "--json")
    first, again = ran(*words), ran(*words)
    assert first.exit_code == 0, first.output
    assert first.stdout == again.stdout
    (found,) = json.loads(first.stdout)
    assert "caller_rate" in found["without"]
    whole, without = found["modes"]["screened"], found["without"]["caller_rate"]
    assert without["robots_served"]["mean"] >= whole["robots_served"]["mean"]


def test_own_configuration_is_used(tiny: Path, tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('mode = "off"\n')
    (found,) = json.loads(ran(tiny, "--seeds", 1, "--jobs", 1, "--config", config, "--json").stdout)
    assert found["modes"]["screened"]["robots_challenged"]["mean"] == 0
    assert found["modes"]["screened"]["robots_rejected"]["mean"] == 0


def test_title_is_shown_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "odd [name].toml"
    path.write_text(TINY.replace('"tiny"', "'[/red] $x_^ <b>'"))
    done = ran(path, "--seeds", 1, "--jobs", 1, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "[/red] $x_^ <b>" in done.stdout
    picture = (tmp_path / "out/odd--name-.svg").read_text()
    assert "<b>" not in picture
    assert "<b>" not in (tmp_path / "out/simulation.md").read_text()


@pytest.mark.parametrize("words", [(), ("no_such",), ("mnsure", "--config", "/no/such.toml")])
def test_errors_are_one_message_and_exit_code_2(words: tuple[str, ...]) -> None:
    done = ran(*words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_list_names_the_shipped_ones() -> None:
    found = json.loads(ran("--list", "--json").stdout)
    assert "mnsure" in [one["name"] for one in found]
