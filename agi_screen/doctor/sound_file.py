"""What can be said of a recording without hearing it: how long it is, how loud, and whether Asterisk can play it."""

from __future__ import annotations

import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
MAX_BYTES = 20 * 1024 * 1024
SILENT = 0.01  # of full scale: nothing louder in the whole file
QUIET_DB = -36.0  # under full scale, where it speaks
FLAT_RUN = 4  # samples at the very top, one after the other: speech that is not cut has none
FLAT_RUNS = 5
TOP = 0.98
FRAME = 160  # samples a piece of 20 ms
# Bytes a second of what is measured by its size alone.
BYTES_A_SECOND = {"g722": 8000, "gsm": 1650, "g729": 1000}


class Sound(NamedTuple):
    """`seconds` is 0 where it cannot be known. `fault`: why callers would not hear it; `remark`: how they would."""

    seconds: float = 0.0
    fault: str = ""
    remark: str = ""


def listened_to(path: Path) -> Sound:
    """Never raises: what cannot be read is a fault."""
    try:
        size = path.stat().st_size
        if 0 < size <= MAX_BYTES:
            return _measured(path, path.suffix[1:], size)
        return Sound(fault=f"longer than {MAX_BYTES} bytes" if size else "empty")
    except (OSError, EOFError, wave.Error) as error:
        return Sound(fault=f"cannot be read: {getattr(error, 'strerror', None) or error}")


def _measured(path: Path, kind: str, size: int) -> Sound:
    if kind in ("wav", "wav16"):
        return _wave(path, 16_000 if kind == "wav16" else 8000)
    if kind in RAW:
        samples, rate = RAW[kind]
        return _judged(samples(path.read_bytes()), rate)
    return Sound(size / BYTES_A_SECOND[kind] if kind in BYTES_A_SECOND else 0.0)


def _wave(path: Path, rate: int) -> Sound:
    """Asterisk plays one kind of .wav: 16 bits, mono, at the rate of its name."""
    with wave.open(str(path), "rb") as opened:
        found = (opened.getframerate(), opened.getnchannels(), 8 * opened.getsampwidth())
        if found != (rate, 1, 16):
            hertz, channels, bits = found
            wrong = (
                f"{hertz} Hz, {channels} channel{'s'[: channels - 1]}, {bits} bits: Asterisk plays {rate} Hz mono 16"
            )
            return Sound(opened.getnframes() / hertz if hertz else 0.0, fault=wrong)
        return _judged(_linear(opened.readframes(opened.getnframes())), rate)


def _judged(samples: Samples, rate: int) -> Sound:
    """Silence, whispers and what was recorded too loud."""
    seconds = samples.size / rate
    if not samples.size:
        return Sound(fault="empty")
    loud = np.abs(samples)
    if float(loud.max()) < SILENT:
        return Sound(seconds, fault="silent")
    level = _speech_level(samples)
    if level < QUIET_DB:
        return Sound(seconds, remark=f"quiet: {level:.0f} dB under full scale, ours are near -20")
    if _flat_runs(loud >= TOP) >= FLAT_RUNS:
        return Sound(seconds, remark="clipped: recorded too loud")
    return Sound(seconds)


def _speech_level(samples: Samples) -> float:
    """The mean level of the louder half of the pieces, so that pauses do not count."""
    pieces = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME) if samples.size >= FRAME else samples[None]
    power = np.sort((pieces**2).mean(axis=1))[pieces.shape[0] // 2 :]
    return float(10 * np.log10(max(float(power.mean()), 1e-12)))


def _flat_runs(top: NDArray[np.bool_]) -> int:
    """How often FLAT_RUN samples in a row are at the top."""
    if top.size < FLAT_RUN:
        return 0
    run = np.logical_and.reduce([top[start : top.size - FLAT_RUN + 1 + start] for start in range(FLAT_RUN)])
    return int(np.count_nonzero(run))


def _linear(content: bytes) -> Samples:
    return np.frombuffer(content[: len(content) // 2 * 2], "<i2").astype(np.float64) / 32768


def _mu_law_table() -> Samples:
    """G.711: 8 bits each, as fractions of full scale."""
    code = ~np.arange(256) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    table: Samples = np.where(code & 0x80, -size, size) / 32124
    return table


def _a_law_table() -> Samples:
    code = np.arange(256) ^ 0x55
    segment, low = (code & 0x70) >> 4, (code & 0x0F) << 4
    size = np.where(segment == 0, low + 8, low + 0x108 << np.maximum(segment - 1, 0))
    table: Samples = np.where(code & 0x80, size, -size) / 32256
    return table


MU_LAW, A_LAW = _mu_law_table(), _a_law_table()


def _by(table: Samples) -> Callable[[bytes], Samples]:
    return lambda content: table[np.frombuffer(content, np.uint8)]


RAW: Mapping[str, tuple[Callable[[bytes], Any], int]] = {
    "ulaw": (_by(MU_LAW), 8000),
    "alaw": (_by(A_LAW), 8000),
    "sln": (_linear, 8000),
    "sln16": (_linear, 16_000),
}
