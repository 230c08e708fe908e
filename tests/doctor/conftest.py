"""An installation in a folder: configuration, Asterisk's files as shipped, and sounds; each test breaks one thing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agi_screen.doctor.doctor import Check
from agi_screen.doctor.finding import Finding, Mark
from agi_screen.doctor.patient import Patient
from agi_screen.settings import load

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "asterisk_conf"
SECRET = "0123456789abcdef"
EXTENSIONS = """
[globals]
AGI_SCREEN_DAEMON = 127.0.0.1:4573
#include agi_screen.conf
[from-trunk]
exten => 18005550100,1,Gosub(agi-screen,s,1)
 same => n,Answer()
"""
MANAGER = """
[general]
enabled = yes
port = 5038
#include "manager.d/*.conf"
"""
PJSIP = """
[carrier-template](!)
type = endpoint
context = from-trunk
[carrier](carrier-template)
dtmf_mode = auto
[desk]
type = endpoint
context = operators
"""
MODULES = "[modules]\nautoload = yes\n"


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything: a test of what may not be read gives that up for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class House:
    """`etc` and `sounds` are Asterisk's; the texts are our configuration besides: its top, [agi] and [captcha]."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.etc, self.sounds = folder, folder / "etc", folder / "data/sounds"
        self.config = folder / "agi-screen.toml"
        self.top = self.agi = self.toml = ""
        (self.etc / "manager.d").mkdir(parents=True)
        shutil.copy(SHIPPED / "agi_screen.conf", self.etc)
        account = (SHIPPED / "manager.d/agi_screen.conf").read_text(encoding="utf-8")
        (self.etc / "manager.d/agi_screen.conf").write_text(account.replace("CHANGE_ME", SECRET), encoding="utf-8")
        files = {"extensions": EXTENSIONS, "manager": MANAGER, "pjsip": PJSIP, "modules": MODULES}
        files["asterisk"] = f"[directories]\nastdatadir => {folder}/data\nastmoddir => {folder}/modules\n"
        for name, text in files.items():
            self.write(f"{name}.conf", text)
        self.sounds.mkdir(parents=True)

    def write(self, name: str, text: str) -> None:
        (self.etc / name).write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.etc / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def speak(self, language: str = "en", folder: str = "agi-screen") -> Path:
        """Our sounds in one language."""
        place = self.sounds / language / folder
        shutil.copytree(SHIPPED / f"sounds/{language}/agi-screen", place)
        return place

    def patient(self, agi: int = 4573, ami: int = 5038) -> Patient:
        """`ami` 0 switches AMI off."""
        tables = [
            *(self.top, "[agi]", f'listen = "127.0.0.1:{agi}"', self.agi),
            *("[captcha]", f'sounds = "{self.sounds}"', self.toml),
            *("[ami]", f'secret = "{SECRET}"', f"port = {ami}" if ami else "enabled = false"),
        ]
        self.config.write_text("\n".join(tables))
        return Patient(load(self.config), self.etc)

    def findings(self, check: Check) -> list[Finding]:
        return list(check(self.patient()))

    def wrong(self, check: Check) -> list[Finding]:
        return [finding for finding in self.findings(check) if finding.mark is not Mark.OK]

    def only(self, check: Check) -> Finding:
        """The one thing wrong."""
        (found,) = self.wrong(check)
        return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
