"""What registers by name: a folder with one class a file, entry points of third parties, and a config table each."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from inspect import isabstract
from types import ModuleType
from typing import Any, TypeVar

from pydantic import ValidationError

from agi_screen.base.errors import Problem
from agi_screen.base.toml_file import line_of, problems_in, shown_key

T = TypeVar("T")


def classes_of(folder: ModuleType, kind: type[Any], group: str) -> dict[str, type[Any]]:
    """Every class of this kind by its `name`. A third party's may not take the name of one of ours."""
    classes: dict[str, type[Any]] = {}
    for module in pkgutil.iter_modules(folder.__path__, folder.__name__ + "."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, kind) and not isabstract(value):
                named: Any = value
                classes[named.name] = value
    for entry in entry_points(group=group):
        loaded = entry.load()
        classes.setdefault(loaded.name, loaded)
    return classes


def build_all(
    classes: Mapping[str, type[T]], tables: Mapping[str, dict[str, Any]], root: str, where: str, lines: dict[str, int]
) -> tuple[list[T], list[Problem]]:
    """One of each table below `root`, in the order of their names, and all that is wrong in their tables."""
    built: list[T] = []
    problems: list[Problem] = []
    for name in sorted(tables):
        key = f"{root}.{name}"
        if name not in classes:
            near = get_close_matches(name, classes, n=1)
            mend = f"there is no such {root.rstrip('s')}{f'; did you mean {near[0]!r}?' if near else ''}"
            problems.append(Problem(where, shown_key(key), "", mend, line_of(lines, key)))
            continue
        made: Any = classes[name]
        try:
            built.append(made(made.Params.model_validate(tables[name])))
        except ValidationError as error:
            problems += problems_in(error, made.Params, where, lines, key + ".")
    return built, problems
