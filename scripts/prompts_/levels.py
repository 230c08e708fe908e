"""G.711 mu-law and loudness, in Python alone: a check of the shipped files needs no tool."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import log10

RATE = 8000
FRAME = RATE // 50  # 20 ms, as telephones send it
SPEECH = 25.0  # dB below the loudest frame: quieter ones are gaps between words
SILENT = -100.0


def expand(code: int) -> int:
    """One mu-law byte as a 16 bit sample (ITU-T G.711)."""
    code = ~code & 0xFF
    sample = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return -sample if code & 0x80 else sample


TABLE = [expand(code) for code in range(256)]


def decode(ulaw: bytes) -> array[int]:
    """The samples of a raw mu-law file."""
    return array("h", (TABLE[code] for code in ulaw))


def decibels(power: float) -> float:
    """Mean square of 16 bit samples, against full scale."""
    return 10 * log10(power / 32768**2) if power else SILENT


def active_level(samples: Sequence[int]) -> float:
    """Loudness of the speech in it, in dB below full scale: the mean power of the frames that are not gaps."""
    frames = [samples[at : at + FRAME] for at in range(0, len(samples), FRAME)]
    powers = [sum(sample * sample for sample in frame) / len(frame) for frame in frames]
    floor = max(powers, default=0.0) / 10 ** (SPEECH / 10)
    speech = [power for power in powers if power > floor]
    return decibels(sum(speech) / len(speech)) if speech else SILENT


def peak(samples: Sequence[int]) -> float:
    """The loudest sample in dB below full scale."""
    return decibels(float(max(map(abs, samples), default=0)) ** 2)


def silence_at_ends(samples: Sequence[int]) -> tuple[float, float]:
    """Seconds before and after what is louder than 40 dB below the peak."""
    floor = max(map(abs, samples), default=0) / 100
    loud = [at for at, sample in enumerate(samples) if abs(sample) > floor]
    return (loud[0] / RATE, (len(samples) - 1 - loud[-1]) / RATE) if loud else (len(samples) / RATE, 0.0)
