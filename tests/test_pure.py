"""Without what is compiled: one variable chooses all the pure Python twins, and calls are screened all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from agi_screen import judge

TWINS = """
from agi_screen.base import buckets
from agi_screen.inbound import environment, request, sessions
from agi_screen.trail import record
for it in (buckets.BucketTable, environment.ordinary, request.to_call, sessions.Door, record.record_of):
    print(it.__module__)
"""
SAME_SOURCE = """
from agi_screen.judge import judge, memory
from agi_screen.judge.signals import surge
for module in (judge, memory, surge):
    print(module.__file__)
"""


def told(program: str, pure: str) -> list[str]:
    environment = {**os.environ, "AGI_SCREEN_PURE_PYTHON": pure}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


@pytest.mark.parametrize("pure", ["", "1"])
def test_one_variable_chooses_all_twins(pure: str) -> None:
    modules = told(TWINS, pure)
    assert len(modules) == 5
    assert all(module.endswith("_py") is bool(pure) for module in modules), modules


@pytest.mark.parametrize("pure", ["", "1"])
def test_the_judge_is_one_source_compiled_or_not(pure: str) -> None:
    files = told(SAME_SOURCE, pure)
    assert len(files) == 3
    assert all(file.endswith(".py") is bool(pure) for file in files), files


def test_source_changed_since_it_was_compiled_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "agi_screen" / "judge"
    built = here / "compiled" / "signals" / f"surge{EXTENSION_SUFFIXES[0]}"
    source = here / "signals" / "surge.py"
    for file in (built, source, tmp_path / "setup.py"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    monkeypatch.setattr(judge, "_HERE", here)
    monkeypatch.setattr(judge, "_COMPILED", here / "compiled")
    os.utime(source, (1, 1))
    assert judge._changed() == []
    os.utime(built, (0, 0))
    assert judge._changed() == ["surge.py"]
    (tmp_path / "setup.py").unlink()  # installed
    assert judge._changed() == []


def test_the_pure_daemon_screens_a_call(tmp_path: Path) -> None:
    socket = tmp_path / "agi-screen.sock"
    (tmp_path / "agi-screen.toml").write_text(
        '[agi]\nlisten = "127.0.0.1:0"\n[ami]\nenabled = false\n[web]\nenabled = false\n'
    )
    command = [sys.executable, "-m", "agi_screen", "serve", "--config", str(tmp_path / "agi-screen.toml")]
    told = {**os.environ, "AGI_SCREEN_PURE_PYTHON": "1", "AGI_SCREEN_SOCKET": str(socket)}
    with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == "ready\n"
        environment = "agi_channel: PJSIP/t-1\nagi_callerid: 4155552671\nagi_uniqueid: 1.1\n\n200 result=0\n"
        classic = [sys.executable, "-m", "agi_screen.inbound.classic"]
        done = subprocess.run(classic, input=environment, env=told, capture_output=True, text=True, timeout=30)
        daemon.terminate()
        assert daemon.wait(30) == 0
    assert done.stdout.startswith('EXEC MSet "SCREEN_VERDICT=allow,')
