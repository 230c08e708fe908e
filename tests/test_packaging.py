"""Wheel and sdist: built, installed into a clean environment and tried, with every Python found here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SUPPORTED = ("3.11", "3.12", "3.13")
VERSION = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2], sys._base_executable)"


@cache
def pythons() -> dict[str, str]:
    """Version → interpreter: the one that runs the tests, those on the path, those of pyenv."""
    candidates = [sys.executable, *filter(None, (shutil.which(f"python{v}") for v in SUPPORTED))]
    candidates += map(str, sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3")))
    found: dict[str, str] = {}
    for candidate in candidates:
        done = subprocess.run([candidate, "-c", VERSION], capture_output=True, text=True, timeout=30)
        if done.returncode == 0:
            version, path = done.stdout.split()
            found.setdefault(version, path)
    return {version: path for version, path in found.items() if version in SUPPORTED}


def marked(version: str) -> object:
    """Building everything takes three minutes: that of the Python in use is always done, the others with `-m long`."""
    ours = version == f"{sys.version_info.major}.{sys.version_info.minor}"
    return pytest.param(version, marks=() if ours else (pytest.mark.long,))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("version", [marked(version) for version in sorted(pythons())])
def test_package_installs_and_works_in_a_clean_environment(version: str) -> None:
    line = [str(ROOT / "scripts/check-package"), pythons()[version]]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=590)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "compiled limiter: _bucket.cpython-" in done.stdout
    assert "compiled path of a call: 4 modules" in done.stdout
    assert "compiled judge" in done.stdout
    assert "check-package: good with 1 Python" in done.stdout
