"""The systemd unit: what systemd says of it, and what must fit the daemon's own settings."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agi_screen.base.config import Config
from agi_screen.base.toml_file import DEFAULTS, read_tables

UNIT = Path(__file__).resolve().parents[1] / "asterisk_conf/systemd/agi-screen.service"
MOST_EXPOSED = 1.2  # what systemd 252 says, and docs/install.md

# systemd-analyze is part of systemd, which a container may well be without; nothing else can read a unit for us.
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """A copy whose program is there: `verify` looks for it."""
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    copy = tmp_path / UNIT.name
    copy.write_text(text, encoding="utf-8")
    return copy


def analyze(*words: str) -> str:
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_systemd
def test_systemd_has_nothing_to_complain_of(unit: Path) -> None:
    assert UNIT.name not in analyze("verify", "--man=no", str(unit))


@needs_systemd
def test_systemd_has_nothing_to_complain_of_the_socket(unit: Path) -> None:
    door = unit.with_name("agi-screen.socket")
    shutil.copy(UNIT.with_name(door.name), door)
    assert "agi-screen" not in analyze("verify", "--man=no", str(door))


@needs_systemd
def test_unit_is_tight(unit: Path) -> None:
    found = re.search(r"exposure level for \S+: ([\d.]+)", analyze("security", "--offline=true", str(unit)))
    assert found is not None
    assert float(found[1]) <= MOST_EXPOSED


def test_the_page_says_how_tight() -> None:
    page = (UNIT.parents[2] / "docs/install.md").read_text(encoding="utf-8")
    assert f"rates the unit {MOST_EXPOSED} on its scale" in page


def test_unit_fits_the_daemon() -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # systemd's keys have capitals
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    service = parser["Service"]
    config = Config.model_validate(read_tables(DEFAULTS)[0])
    assert service["Type"] == "notify"
    assert int(service["TimeoutStopSec"]) > config.agi.drain_time
    assert int(service["LimitNOFILE"]) > 4 * config.agi.max_sessions
    assert int(service["FileDescriptorStoreMax"]) >= 2  # FastAGI's and the classic script's
    assert int(service["WatchdogSec"]) > config.watchdog.end
    assert service["StateDirectory"] == "agi-screen"
