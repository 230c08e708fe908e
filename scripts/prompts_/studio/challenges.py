"""Each kind of challenge as a caller hears it, strung together from the shipped mu-law files, as a WAV to listen to."""

from __future__ import annotations

import struct

from scripts.prompts_.shelf import path
from scripts.prompts_.texts import ROOT

FOLDER = ROOT / "docs/prompts/challenges"
KINDS = {
    "digits": "press digits/4-1 digits/7-2 digits/2-3",
    "sum": "sum digits/3-2 plus digits/5-1",
    "nth": "nth-second pause digits/8-3 digits/1-1 digits/6-2",
    "except": "except digits/7-1 pause except-from digits/2-2 digits/7-3 digits/9-4",
    "one-key": "one-key digits/5-3",
}
GAP = b"\xff" * 160  # what Asterisk takes to begin the next file, and a little more
MULAW = 7


def wav(ulaw: bytes) -> bytes:
    """A WAV file of mu-law, 8 kHz, mono."""
    form = struct.pack("<HHIIHHH", MULAW, 1, 8000, 8000, 1, 8, 0)
    data = ulaw + b"\xff" * (len(ulaw) % 2)
    chunks = [(b"fmt ", form), (b"fact", struct.pack("<I", len(data))), (b"data", data)]
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(chunk)) + chunk for name, chunk in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def record(language: str) -> None:
    """Every kind in one language."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind, names in KINDS.items():
        sounds = [path(language, name, "ulaw").read_bytes() for name in names.split()]
        (FOLDER / f"{language}-{kind}.wav").write_bytes(wav(GAP.join(sounds)))
