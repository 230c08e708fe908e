"""What a successor must know that no file tells: as of the very moment of the switch, while callers wait."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agi_screen.base.buckets import Buckets, SnapshotError
from agi_screen.base.clock import Clock
from agi_screen.base.records import Pass
from agi_screen.daemon import Daemon
from agi_screen.succession.pair import SuccessionError

RECENT_CALLERS = 5_000  # of each room: the others are in the database, as of a moment before
PASSES = TypeAdapter(tuple[Pass, ...])


def tables(daemon: Daemon) -> tuple[tuple[Buckets | None, str], tuple[Buckets, str]]:
    """The bucket tables that move, with their labels: the limiter's, and that of CAPTCHAs offered."""
    meters = daemon.judge.meters
    return (meters.buckets, meters.label), (daemon.captcha.offers.buckets, "offers")


def write_tables(daemon: Daemon, clock: Clock, descriptors: Sequence[int]) -> None:
    """Into files in memory. Raises SuccessionError or OSError."""
    for (buckets, label), number in zip(tables(daemon), descriptors, strict=True):
        if buckets is None:
            continue
        with open(number, "wb", closefd=False) as file:
            try:
                for piece in buckets.snapshot(clock.ticks(), wall_ns=round(clock.wall() * 1e9), label=label):
                    file.write(piece)
            except SnapshotError as error:
                raise SuccessionError(str(error)) from error


def read_tables(daemon: Daemon, clock: Clock, descriptors: Sequence[int]) -> list[str]:
    """Takes them over; what cannot be is said, and starts from nothing: another capacity, other signals."""
    lost = []
    for (buckets, label), number in zip(tables(daemon), descriptors, strict=True):
        if buckets is None or not os.fstat(number).st_size:
            continue
        with open(number, "rb") as file:
            file.seek(0)
            try:
                buckets.restore(file, clock.ticks(), wall_ns=round(clock.wall() * 1e9), label=label)
            except SnapshotError as error:
                lost.append(f"rates start from nothing: {error}")
    return lost


def state_of(daemon: Daemon, clock: Clock) -> dict[str, Any]:
    """The rest, small enough for one message: who called last, passes of the last moment, the attack level."""
    return {
        "callers": daemon.judge.memory.callers.recent(RECENT_CALLERS),
        "passes": [asdict(held) for held in daemon.recorder.news or ()],
        "level": daemon.judge.memory.level.keep(clock.ticks(), clock.wall()),
    }


def take_over(daemon: Daemon, clock: Clock, said: Mapping[str, Any]) -> None:
    """Raises SuccessionError where it is of another shape."""
    try:
        daemon.passes.restore(PASSES.validate_python(said["passes"]))
        daemon.judge.memory.callers.take_over(said["callers"])
        daemon.judge.memory.level.take_over(said["level"], clock.ticks(), clock.wall())
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise SuccessionError(f"what the running daemon knows is not understood: {error}") from error
