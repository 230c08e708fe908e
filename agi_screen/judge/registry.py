"""Finds the signals (this folder's and third parties') and checks each one's config table."""

from __future__ import annotations

import importlib
import pkgutil
from difflib import get_close_matches
from importlib.metadata import entry_points
from inspect import isabstract
from typing import Any

from pydantic import ValidationError

from agi_screen.base.errors import Problem
from agi_screen.base.toml_file import line_of, problems_in
from agi_screen.judge import signals as signal_folder
from agi_screen.judge.signal import Signal, SignalParams

AnySignal = Signal[Any]


def signal_classes() -> dict[str, type[AnySignal]]:
    """Every known signal by name. A third party's may not take the name of one of ours."""
    classes: dict[str, type[AnySignal]] = {}
    for module in pkgutil.iter_modules(signal_folder.__path__, signal_folder.__name__ + "."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Signal) and not isabstract(value):
                classes[value.name] = value
    for entry in entry_points(group="agi_screen.signals"):
        loaded = entry.load()
        classes.setdefault(loaded.name, loaded)
    return classes


def build_signals(
    tables: dict[str, dict[str, Any]], where: str, lines: dict[str, int]
) -> tuple[list[AnySignal], list[Problem]]:
    """The signals in force (weight not 0), in the order of their names, and all that is wrong in their tables."""
    classes = signal_classes()
    built: list[AnySignal] = []
    problems: list[Problem] = []
    for name in sorted(tables):
        key = f"signals.{name}"
        if name not in classes:
            near = get_close_matches(name, classes, n=1)
            mend = f"there is no such signal{f'; did you mean {near[0]!r}?' if near else ''}"
            problems.append(Problem(where, key, "", mend, line_of(lines, key)))
            continue
        try:
            params: SignalParams = classes[name].Params.model_validate(tables[name])
        except ValidationError as error:
            problems += problems_in(error, classes[name].Params, where, lines, key + ".")
            continue
        if params.weight:
            built.append(classes[name](params))
    return built, problems
