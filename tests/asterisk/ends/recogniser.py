"""A speech recogniser in a process of its own: another Python may run it, and none of its packages is needed here."""

from __future__ import annotations

import asyncio
import json
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self

from tests.asterisk.caller import Caller
from tests.asterisk.ends.parsing import keys_of
from tests.asterisk.ends.robots import PLAIN, Manner, Robot
from tests.asterisk.mulaw import Samples, decode

WORKER = Path(__file__).with_name("recogniser_worker.py")
HEADER = struct.Struct("!I2s")

Recognise = Callable[[Samples, str], str]


class RecogniserProcess:
    """`with RecogniserProcess(python, "whisper") as heard: heard(samples, "en")`; one utterance at a time."""

    def __init__(self, python: str, engine: str, model: str = "") -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [python, str(WORKER), engine, *([model] if model else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def __call__(self, samples: Samples, language: str) -> str:
        """The text of 8 kHz samples; blocks, so call it from an executor."""
        audio = samples.astype("<i2").tobytes()
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(HEADER.pack(len(audio), language[:2].encode()) + audio)
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the recogniser ended with {self._process.wait(30)}")
        return str(json.loads(line)["text"])


class Understood(NamedTuple):
    """One utterance as the robot took it, and what it took: seconds of audio, seconds of work."""

    text: str
    keys: str
    audio_seconds: float
    work_seconds: float


class RecogniserRobot(Robot):
    """Recognises what was said from the audio alone, makes keys of it, and presses them."""

    keeps_audio = True

    def __init__(self, call: Caller, recognise: Recognise, language: str = "en", manner: Manner = PLAIN) -> None:
        super().__init__(call, manner)
        self.recognise, self.language = recognise, language
        self.understood: list[Understood] = []

    def on_end(self, audio: bytes) -> None:
        if self._doing is not None:
            self._doing.cancel()
        self._doing = asyncio.create_task(self._answer(decode(audio)))

    async def _answer(self, samples: Samples) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        text = await loop.run_in_executor(None, self.recognise, samples, self.language)
        keys = keys_of(text, self.language)
        self.understood.append(Understood(text, keys, len(samples) / 8000, loop.time() - begun))
        await self._press(keys)
