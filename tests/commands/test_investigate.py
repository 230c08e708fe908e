"""`agi-screen investigate` from the command line, on a database filled beforehand."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from random import Random

import pytest

from tests.commands.conftest import Run
from tests.what_if.investigate.attack import DAY, OPENING, days, fill, flood

RANGE = ("--from", "2016-11-01T13:00Z", "--to", "2016-11-01T19:00+00:00")


@pytest.fixture(autouse=True)
def recorded(config: Path) -> None:
    rng = Random(7)
    made = chain(days(OPENING - 2 * DAY, 3, 400, rng), flood(OPENING + 300, 300, 2000, rng))
    fill(config.with_name("calls.db"), made)


def test_summary(run: Run) -> None:
    done = run("investigate", *RANGE, "--mask")
    assert (done.code, done.err) == (0, "")
    assert "First sign of a suspected attack: 2016-11-01" in done.out
    assert "no proof" in done.out


def test_json(run: Run) -> None:
    (found,) = run("investigate", *RANGE, "--json", "--mask").objects
    assert found["first_sign"] == OPENING + 300
    assert found["repeaters"][0]["caller"].endswith("xxxx")
    assert found["evidence"] is None


def test_files_and_their_check(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("investigate", *RANGE, "--output", str(out), "--case", "Case 7")
    assert done.code == 0, done.err
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["report.html", "calls.csv", "callers.csv", "blocks.csv", "areas.csv", "evidence.zip", "evidence.zip.sha256"]
    )
    manifest = done.out.rpartition(": ")[2].strip()
    pack = out / "evidence.zip"
    (checked,) = run("investigate", "--verify", str(pack), "--json").objects
    assert (checked["good"], checked["manifest_sha256"]) == (True, manifest)
    pack.write_bytes(pack.read_bytes().replace(b"records.jsonl", b"records.jsonk", 1))
    done = run("investigate", "--verify", str(pack))
    assert done.code == 1
    assert "records.jsonl: " in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2001-01-01", "--to", "2002-01-01"), "no call was recorded in this time"),
        (("--from", "2002-01-01", "--to", "2001-01-01"), "is not before --to"),
        (("--from", "yesterday"), 'time "yesterday"'),
        ((), "--from: is missing"),
        (("--verify", "nothing.zip"), "nothing.zip: is no evidence pack"),
        ((*RANGE, "--output", "/dev/null/x"), "name another folder with --output"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, words: tuple[str, ...], said: str) -> None:
    done = run("investigate", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
