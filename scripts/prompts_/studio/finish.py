"""From an engine's samples to what a telephone plays: cut, filtered, levelled, encoded."""

from __future__ import annotations

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from scipy.signal import butter, resample_poly, sosfiltfilt

from scripts.prompts_.check import LEVEL, LOUDEST
from scripts.prompts_.levels import FRAME, RATE, SPEECH, decode, expand
from scripts.prompts_.studio.engines import Samples, Speech

WIDE = 16000
LEAD, TAIL, LONGEST_PAUSE = 0.03, 0.05, 0.3
QUIET = 42.0  # dB below the loudest 10 ms: there speech begins and ends
BREATH, LONGEST_END = 30.0, 0.2  # what is that many dB down, so long after the last louder 10 ms, may be a breath
TABLE = np.array([expand(code) for code in range(256)])
ORDER = np.argsort(TABLE, kind="stable")
STEPS = (TABLE[ORDER][1:] + TABLE[ORDER][:-1]) / 2


def frames(samples: Samples, length: int) -> Samples:
    """Power of each `length` samples."""
    padded = np.pad(samples, (0, -len(samples) % length))
    return np.asarray(np.square(padded.reshape(-1, length)).mean(axis=1))


def speech(samples: Samples, step: int, breath: bool) -> NDArray[np.intp]:
    """Which pieces of `step` samples are speech; without the breath at the end where the voice takes one."""
    power = frames(samples, step)
    loud = np.flatnonzero(power > power.max() / 10 ** (QUIET / 10))
    if not breath:
        return loud
    voiced = np.flatnonzero(power > power.max() / 10 ** (BREATH / 10))
    last = int(voiced[-1]) + round(100 * LONGEST_END)
    return np.asarray(loud[loud <= last], dtype=np.intp)


def trimmed(samples: Samples, rate: int, breath: bool) -> Samples:
    """Both ends cut to just before and after speech, and faded so that nothing clicks."""
    step = rate // 100
    loud = speech(samples, step, breath)
    first, last = loud[0] * step - round(LEAD * rate), (loud[-1] + 1) * step + round(TAIL * rate)
    before, after = max(0, -first), max(0, last - len(samples))
    cut = np.pad(samples, (before, after))[max(0, first) : last + before]
    rise, fall = round(0.01 * rate), round(0.03 * rate)
    cut[:rise] *= np.linspace(0, 1, rise)
    cut[-fall:] *= np.linspace(1, 0, fall)
    return cut


def tightened(samples: Samples, rate: int) -> Samples:
    """Pauses inside, which engines make long between sentences, cut down to LONGEST_PAUSE in their middle."""
    step = rate // 100
    power = frames(samples, step)
    loud = np.flatnonzero(power > power.max() / 10 ** (QUIET / 10)) * step
    keep = np.ones(len(samples), dtype=bool)
    longest = round(LONGEST_PAUSE * rate)
    for before, after in zip(loud + step, loud[1:], strict=False):
        if after - before > longest:
            keep[before + longest // 2 : after - longest // 2] = False
    return samples[keep]


def between(samples: Samples, rate: int, low: float, high: float) -> Samples:
    """The band of a telephone, without a shift in time."""
    shape = butter(5, (low, high), "bandpass", fs=rate, output="sos")
    return np.asarray(sosfiltfilt(shape, samples))


def active(samples: Samples, rate: int) -> float:
    """As levels.active_level, of samples between -1 and 1."""
    power = frames(samples, FRAME * rate // RATE)
    return float(10 * np.log10(power[power > power.max() / 10 ** (SPEECH / 10)].mean()))


def limited(samples: Samples, rate: int) -> Samples:
    """Peaks brought down by a gain that moves slowly enough not to be heard."""
    ceiling = 10 ** ((LOUDEST - 0.3) / 20)
    gain = np.minimum(1, ceiling / np.maximum(np.abs(samples), 1e-9))
    window = np.hanning(rate // 200 | 1)
    held = minimum_filter1d(gain, len(window))
    return samples * np.convolve(np.pad(held, len(window) // 2, mode="edge"), window / window.sum(), "valid")


def levelled(samples: Samples, rate: int) -> Samples:
    """At the level of all prompts, its peaks below theirs; what the limiter took is given back, a few times."""
    for _ in range(6):
        samples = limited(samples * 10 ** ((LEVEL - active(samples, rate)) / 20), rate)
    return samples


def whole_packets(samples: Samples, rate: int) -> Samples:
    return np.pad(samples, (0, -len(samples) % (rate // 50)))


def as_words(samples: Samples) -> NDArray[np.int16]:
    return np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)


def ulaw(samples: Samples) -> bytes:
    """Raw mu-law: each sample's nearest code."""
    nearest = ORDER[np.searchsorted(STEPS, as_words(samples))]
    nearest[nearest == 0x7F] = 0xFF  # two codes for zero: the one of silence
    return nearest.astype(np.uint8).tobytes()


def context(name: str, mode: str) -> AudioCodecContext:
    codec = av.CodecContext.create(name, mode)
    codec.sample_rate, codec.layout = WIDE, "mono"
    if mode == "w":
        codec.format = "s16"
    return codec


def g722(samples: Samples) -> bytes:
    """Raw G.722 at 64 kbit/s: a byte for two samples."""
    encoder = context("g722", "w")
    frame = av.AudioFrame.from_ndarray(as_words(samples)[None], format="s16", layout="mono")
    frame.sample_rate = WIDE
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def heard_g722(data: bytes) -> Samples:
    """What a G.722 telephone plays of it."""
    decoder = context("g722", "r")
    frames_ = decoder.decode(av.Packet(data))
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames_]).astype(np.float64) / 32768


def heard_ulaw(data: bytes) -> Samples:
    """What every other telephone plays."""
    return np.array(decode(data), dtype=np.float64) / 32768


def silence(seconds: float) -> dict[str, bytes]:
    return {"ulaw": b"\xff" * round(seconds * RATE), "g722": g722(np.zeros(round(seconds * WIDE)))}


def finish(said: Speech, breath: bool) -> dict[str, bytes]:
    """Both shipped forms of one utterance."""
    wide = resample_poly(said.samples, WIDE, said.rate) if said.rate != WIDE else said.samples
    wide = tightened(trimmed(between(wide, WIDE, 80, 7000), WIDE, breath), WIDE)
    wide = whole_packets(wide, WIDE)
    narrow = resample_poly(between(wide, WIDE, 300, 3400), 1, 2)
    both = {"ulaw": ulaw(levelled(narrow, RATE)), "g722": g722(levelled(wide, WIDE))}
    assert len(both["ulaw"]) == len(both["g722"])
    return both
