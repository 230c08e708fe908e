"""The shipped sounds of one language and their manifest."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from scripts.prompts_.texts import ROOT
from scripts.prompts_.voices import VOICES

SOUNDS = ROOT / "asterisk_conf/sounds"
FORMS = ("ulaw", "g722")
BYTES_A_SECOND = 8000  # of both: 8 kHz mu-law, and 16 kHz G.722 at 64 kbit/s


class Sound(NamedTuple):
    """A row of the manifest."""

    text: str
    seconds: float
    ulaw: str
    g722: str


def folder(language: str) -> Path:
    return SOUNDS / language / "agi-screen"


def path(language: str, name: str, form: str) -> Path:
    return folder(language) / f"{name}.{form}"


def store(language: str, name: str, text: str, recordings: dict[str, bytes]) -> Sound:
    """Writes one sound in both forms."""
    for form, data in recordings.items():
        file = path(language, name, form)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    digests = {form: sha256(data).hexdigest() for form, data in recordings.items()}
    return Sound(text, len(recordings["ulaw"]) / BYTES_A_SECOND, digests["ulaw"], digests["g722"])


def read_manifest(language: str) -> dict[str, Sound]:
    """Name → row; empty where there is no manifest yet."""
    file = folder(language) / "manifest.json"
    if not file.exists():
        return {}
    sounds = json.loads(file.read_text(encoding="utf-8"))["sounds"]
    return {name: Sound(**row) for name, row in sounds.items()}


def write_manifest(language: str, sounds: dict[str, Sound]) -> None:
    """One row a line, so that a diff shows which sounds changed."""
    voice = VOICES[language]
    head = {"name": voice.name, "engine": voice.model, "licence": voice.licence, "source": voice.source}
    rows = [f"    {json.dumps(name)}: {json.dumps(row._asdict(), ensure_ascii=False)}" for name, row in sounds.items()]
    lines = [
        "{",
        f'  "language": {json.dumps(language)},',
        f'  "voice": {json.dumps(head, ensure_ascii=False)},',
        '  "sounds": {',
        ",\n".join(rows),
        "  }",
        "}",
    ]
    (folder(language) / "manifest.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
