"""The load generator from Python: run on a core of its own, its findings as plain numbers."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from benchmarks.load_programs import LoadError, program
from benchmarks.machine import LOAD_CORE, on_core

ALL_CALLERS = 300_000_000
MANY = 10**12


@dataclass(frozen=True, slots=True)
class Load:
    """What to send. `mode`: closed (so many connections all the time), open (so many calls a second), hold."""

    mode: str
    connections: int = 16
    sessions: int = MANY
    seconds: float = 60.0
    rate: int = 0
    callers: int = ALL_CALLERS
    first: int = 0
    core: int | None = LOAD_CORE

    def arguments(self, port: int) -> list[str]:
        numbers = (self.connections, self.sessions, self.seconds, self.rate, self.callers, self.first)
        return on_core(self.core, [program("agi_load"), str(port), self.mode, *map(str, numbers)])


@dataclass(frozen=True, slots=True)
class Found:
    """What came back; times in microseconds. `busy` is the share of its core that the generator itself used."""

    answered: int
    unanswered: int
    commands: int
    seconds: float
    cpu_seconds: float
    verdicts: dict[str, int]
    verdict_us: dict[str, float]
    whole_us: dict[str, float]
    late_us: dict[str, float]

    @property
    def rate(self) -> float:
        return self.answered / self.seconds

    @property
    def busy(self) -> float:
        return self.cpu_seconds / self.seconds

    @property
    def round_trips(self) -> float:
        """Commands a session, each of which Asterisk answers."""
        return self.commands / max(1, self.answered)


def run(port: int, load: Load) -> Found:
    """Sends the load from the load's core, and waits for its end."""
    done = subprocess.run(load.arguments(port), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise LoadError(f"the load generator ended with {done.returncode}")
    return found(json.loads(done.stdout))


def found(said: dict[str, Any]) -> Found:
    """From the generator's JSON."""
    verdicts = {name: int(said[name]) for name in ("allow", "challenge", "reject", "divert", "errors")}
    times = {name: said[name] for name in ("verdict_us", "whole_us", "late_us")}
    missing = int(said["failed"]) + int(said["unfinished"])
    return Found(said["answered"], missing, said["commands"], said["seconds"], said["cpu_seconds"], verdicts, **times)


class Held:
    """`with Held(port, load):` keeps sessions open in their CAPTCHA until its end."""

    def __init__(self, port: int, load: Load) -> None:
        self._command = load.arguments(port)
        self.held = 0

    def __enter__(self) -> Held:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.held = int(self._process.stdout.readline().split()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
