"""`agi-screen tune`: finds the signal that parts people from robots, keeps to the rate, and never rejects a person."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest

from agi_screen.settings import load
from tests.commands.conftest import Run
from tests.what_if.made_cdr import row, text

DAY = 86_400


@pytest.fixture
def history(tmp_path: Path) -> tuple[Path, Path]:
    """Twenty days: people with ordinary numbers, some withheld; robots withhold theirs each time. A withheld number
    alone is not challenged by the defaults."""
    chance = random.Random(3)
    rows, labels = [], ["uniqueid,label"]
    for number in range(2000):
        robot = number % 5 == 0
        anonymous = robot or chance.random() < 0.002
        src = "anonymous" if anonymous else f"612{200 + number // 10:03}{number:04}"
        made = row(number, at=number * 600 + chance.randrange(300), duration=90, billsec=5 if robot else 80, src=src)
        rows.append(made)
        if robot:
            labels.append(f"{made[16]},robot")
    master, told = tmp_path / "Master.csv", tmp_path / "labels.csv"
    master.write_text(text(rows))
    told.write_text("\n".join(labels))
    return master, told


def test_finds_the_signal_that_parts_them(run: Run, history: tuple[Path, Path], config: Path, tmp_path: Path) -> None:
    master, labels = map(str, history)
    words = ("tune", master, "--timezone", "UTC", "--labels", labels, "--challenged", "1%")
    before = config.read_text()
    (found,) = run(*words, "--json").objects
    assert (found["why"], found["robots"]) == ("", 400)
    assert found["present"]["later"]["robots_allowed"] == found["present"]["later"]["robots"]
    assert found["proposed"]["later"]["robots_allowed"] == 0
    assert found["proposed"]["later"]["people_challenged"] <= 0.01 * found["proposed"]["later"]["people"]
    assert config.read_text() == before
    tables = tomllib.loads(found["toml"])
    assert set(tables) <= {"policy", "signals"}
    changed = tmp_path / "changed.toml"
    changed.write_text(found["toml"])
    policy = load(changed).config.policy
    assert policy.siege.reject > 2.0  # above all that a withheld number can score
    replayed = run("replay", master, "--timezone", "UTC", "--against", str(changed), "--json").objects[0]
    assert [(c["was"], c["becomes"]) for c in replayed["changes"]] == [("allow", "challenge")]


def test_shows_and_draws(run: Run, history: tuple[Path, Path], tmp_path: Path) -> None:
    master, labels = map(str, history)
    page = tmp_path / "tune.html"
    done = run("tune", master, "--labels", labels, "--challenged", "1%", "--page", str(page))
    assert done.code == 0
    assert "Nothing has been applied" in done.out
    assert "people challenged" in done.out
    assert page.read_text().count("<figure>") == 1


def test_too_few_labels(run: Run, history: tuple[Path, Path]) -> None:
    """A Master.csv names no robots."""
    done = run("tune", str(history[0]), "--json")
    (found,) = done.objects
    assert done.code == 0
    assert (found["toml"], found["proposed"], found["robots"]) == ("", None, 0)
    assert "too few labels" in found["why"]
    assert "Nothing is proposed: too few labels" in run("tune", str(history[0])).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--challenged", "lots"), '--challenged "lots": write a part'),
        (("--challenged", "0%"), "from 0.01% to 50%"),
        (("--person-talk", "long"), '--person-talk "long": write a time'),
        (("--labels", "/nowhere.csv"), "/nowhere.csv: --labels: cannot be read"),
    ],
)
def test_errors(run: Run, history: tuple[Path, Path], words: tuple[str, ...], said: str) -> None:
    done = run("tune", str(history[0]), *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_bad_labels_are_told(run: Run, history: tuple[Path, Path], tmp_path: Path) -> None:
    labels = tmp_path / "bad.csv"
    labels.write_text("uniqueid,label\n1.1,robot\n1.2,alien\n,person\nalone\n")
    done = run("tune", str(history[0]), "--labels", str(labels))
    assert done.code == 2
    for said in (":3: label = alien: write person or robot", ":4: uniqueid: is missing", ":5: columns = 1: "):
        assert f"{labels}{said}" in done.err
