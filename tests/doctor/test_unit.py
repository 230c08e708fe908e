"""What systemd tells of the unit; what it says is given here word for word, for no test machine has it running."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agi_screen.doctor.checks import unit as module
from agi_screen.doctor.checks.unit import judged, unit
from agi_screen.doctor.finding import Mark
from tests.doctor.conftest import SHIPPED, House

TEXT = (SHIPPED / "systemd/agi-screen.service").read_text(encoding="utf-8")
GOOD = {"LoadState": "loaded", "UnitFileState": "enabled", "NeedDaemonReload": "no", "MainPID": "77", "NRestarts": "0"}


@pytest.fixture
def fragment(tmp_path: Path) -> Path:
    """As scripts/install writes it into another place."""
    text = TEXT.replace("/opt/agi-screen/", "/srv/screen/").replace("User=agi-screen", "User=screen")
    path = tmp_path / "agi-screen.service"
    path.write_text(text, encoding="utf-8")
    return path


def test_in_order(fragment: Path) -> None:
    (found,) = judged({**GOOD, "FragmentPath": str(fragment)}, 77, TEXT)
    assert found.mark is Mark.OK


@pytest.mark.parametrize(
    ("told", "mark", "said"),
    [
        ({"LoadState": "not-found"}, Mark.ERROR, "there is no agi-screen.service"),
        ({"UnitFileState": "disabled"}, Mark.ERROR, "nothing starts it after a boot"),
        ({"NeedDaemonReload": "yes"}, Mark.WARNING, "not read again"),
        ({"NRestarts": "9"}, Mark.WARNING, "9 times"),
        ({"MainPID": "78"}, Mark.ERROR, "two daemons"),
    ],
)
def test_what_is_wrong(fragment: Path, told: dict[str, str], mark: Mark, said: str) -> None:
    (found,) = judged({**GOOD, "FragmentPath": str(fragment), **told}, 77, TEXT)
    assert found.mark is mark
    assert said in found.detail
    assert found.mend


def test_a_unit_of_another_version(fragment: Path) -> None:
    fragment.write_text(TEXT.replace("ProtectHome=yes", "ProtectHome=no"), encoding="utf-8")
    (found,) = judged({**GOOD, "FragmentPath": str(fragment)}, 77, TEXT)
    assert "not the one of this version" in found.detail


def test_systemctl_is_asked(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fragment: Path) -> None:
    """A fake systemctl: a script that prints what the real one would."""
    monkeypatch.setattr(module, "SYSTEMD", tmp_path)
    script = tmp_path / "bin/systemctl"
    script.parent.mkdir()
    lines = "\n".join(f"{name}={value}" for name, value in {**GOOD, "FragmentPath": str(fragment)}.items())
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{lines}\nEND\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    assert [found.mark for found in unit(house.patient())] == [Mark.OK]
    script.write_text("#!/bin/sh\nexit 1\n")
    assert [found.mark for found in unit(house.patient())] == [Mark.WARNING]


def test_without_systemd(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SYSTEMD", tmp_path / "gone")
    (found,) = unit(house.patient())
    assert found.mark is Mark.OK
    assert "does not run here" in found.detail
