"""Mu-law audio as tables, made the way Asterisk makes its own: what it encodes from a WAV is what we encode.

Also the tones a telephone line carries: sines, and the pairs of them that in-band keys are.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME_TICKS = 160
FRAME_SECONDS = FRAME_TICKS / RATE
SILENCE = b"\xff" * FRAME_TICKS
KEYS = "0123456789*#"
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
PAD = ("123", "456", "789", "*0#")
BIAS, CLIP = 132, 32635

Samples = NDArray[np.int16]


def _encode_table() -> NDArray[np.uint8]:
    """One code for each 14 bit sample, by its upper bits as an unsigned number; Asterisk takes the upper of four."""
    linear = ((np.arange(1 << 14) << 2 | 3) ^ 0x8000) - 0x8000
    size = np.minimum(np.abs(linear), CLIP) + BIAS
    exponent = np.floor(np.log2(size)).astype(np.int64) - 7
    mantissa = (size >> (exponent + 3)) & 0x0F
    codes: NDArray[np.uint8] = (~((linear < 0) << 7 | exponent << 4 | mantissa) & 0xFF).astype(np.uint8)
    return codes


def _decode_table() -> Samples:
    codes = ~np.arange(256) & 0xFF
    size = (((codes & 0x0F) << 3) + BIAS << ((codes & 0x70) >> 4)) - BIAS
    return np.where(codes & 0x80, -size, size).astype(np.int16)


ENCODE = _encode_table()
DECODE = _decode_table()
LOUDNESS = np.abs(DECODE.astype(np.float32))


def encode(samples: NDArray[np.generic]) -> bytes:
    """16 bit samples as mu-law."""
    whole = np.clip(samples, -32768, 32767).astype(np.int16)
    return bytes(ENCODE[whole.view(np.uint16) >> 2])


def decode(audio: bytes) -> Samples:
    """Mu-law as 16 bit samples."""
    return DECODE[np.frombuffer(audio, np.uint8)]


def loudness(audio: bytes) -> float:
    """The mean size of the samples: under 100 nobody hears more than a quiet line."""
    return float(LOUDNESS[np.frombuffer(audio, np.uint8)].mean()) if audio else 0.0


def tone(hertz: tuple[int, ...], seconds: float, size: float = 6000.0) -> bytes:
    """Sines added up, each of that size."""
    at = np.arange(int(seconds * RATE)) / RATE
    waves = [size * np.sin(2 * np.pi * f * at) for f in hertz]
    return encode(np.sum(waves, axis=0))


def key_tone(key: str, seconds: float) -> bytes:
    """The two sines of one key."""
    row = next(n for n, keys in enumerate(PAD) if key in keys)
    return tone((ROWS[row], COLUMNS[PAD[row].index(key)]), seconds)


def quiet(seconds: float, *, noise: int = 0, seed: int = 1) -> bytes:
    """Silence, or the low hiss of a room."""
    count = int(seconds * RATE)
    if not noise:
        return b"\xff" * count
    return encode(np.random.default_rng(seed).integers(-noise, noise + 1, count))


def read(path: Path) -> bytes:
    """The mu-law of a sound file: .ulaw as it is, 8 kHz WAV as Asterisk would send it."""
    if path.suffix == ".ulaw":
        return path.read_bytes()
    with wave.open(str(path)) as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path.name} is not 8 kHz, mono, 16 bit")
        return encode(np.frombuffer(sound.readframes(sound.getnframes()), np.int16))
