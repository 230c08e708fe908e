"""Our prompts among Asterisk's sounds: those of this version, or left from another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from agi_screen.doctor.finding import Finding, named, ok, warning
from agi_screen.doctor.patient import Patient
from agi_screen.reply.captcha.prompts import FOLDER

SHARE = Path(sys.prefix) / "share/agi-screen"


def prompts_version(patient: Patient) -> Iterator[Finding]:
    """Byte by byte. What lacks altogether is said by `prompts`."""
    if patient.prompts.unseen or not (SHARE / "sounds").is_dir():
        return
    for voice in (*patient.prompts.voices.values(), *patient.prompts.incomplete.values()):
        shipped = SHARE / "sounds" / voice.language / FOLDER
        installed = patient.config.captcha.sounds / voice.language / FOLDER
        files = sorted(path.relative_to(shipped) for path in shipped.rglob("*") if path.is_file())
        others = [str(name) for name in files if _other(installed / name, shipped / name)]
        if others:
            text = f"{named(others)} in {installed}: not those of this version"
            mend = f"scripts/install, or cp -r {shipped} {installed.parent}/; recordings of your own: docs/doctor.md"
            yield warning(f"prompts {voice.language}", text, mend)
        elif files:
            yield ok(f"prompts {voice.language}", "those of this version")


def _other(installed: Path, shipped: Path) -> bool:
    return installed.is_file() and installed.read_bytes() != shipped.read_bytes()
