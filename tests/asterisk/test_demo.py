"""scripts/demo in short: it runs, everything comes as it should, and nothing is left when it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.tree import ROOT

COMMAND = [sys.executable, "-m", "scripts.demo_"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not tmp_path: a Unix socket's path may have 107 bytes only."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.timeout(240)
def test_everything_comes_as_it_should() -> None:
    line = [*COMMAND, "--json", "--duration", "5", "--calls-per-second", "4", "--pairs", "20"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=220)
    found = json.loads(done.stdout)
    assert [check for check in found["checks"] if not check["met"]] == []
    assert done.returncode == 0
    crowd = found["roles"][-1]
    assert (crowd["verdicts"], crowd["reached_operator"]) == ({"allow": 20}, 20)
    assert found["set_up"]["screened_ms"]["calls"] == 20


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing(number: signal.Signals, folder: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdout is not None
        booted = demo.stdout.readline() + demo.stdout.readline()
        assert b"takes calls" in booted
        demo.send_signal(number)
        _, errors = demo.communicate(timeout=60)
    assert (demo.returncode, errors) == (130, b"stopped; everything is cleaned up\n")
    assert list(folder.iterdir()) == []


def test_nonsense_is_refused() -> None:
    done = subprocess.run([*COMMAND, "--calls-per-second", "0"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "must be above 0" in done.stderr
