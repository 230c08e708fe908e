"""The signals in force: this folder's and third parties', each with its config table checked."""

from __future__ import annotations

from typing import Any

from agi_screen.base.errors import Problem
from agi_screen.base.registry import build_all, classes_of
from agi_screen.judge import signals as signal_folder
from agi_screen.judge.signal import Signal

AnySignal = Signal[Any]


def signal_classes() -> dict[str, type[AnySignal]]:
    """Every known signal by name."""
    return classes_of(signal_folder, Signal, "agi_screen.signals")


def build_signals(
    tables: dict[str, dict[str, Any]], where: str, lines: dict[str, int]
) -> tuple[list[AnySignal], list[Problem]]:
    """The signals in force (weight not 0), in the order of their names, and all that is wrong in their tables."""
    built, problems = build_all(signal_classes(), tables, "signals", where, lines)
    return [signal for signal in built if signal.params.weight], problems
