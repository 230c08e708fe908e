"""The order of the stages, read from the imports: base below all, no stage knows another, nothing goes in circles."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "agi_screen"
STAGES = ("cluster", "inbound", "judge", "reply", "trail", "web", "what_if")
# A stage may import from its right side here; each with its reason.
ALLOWED = {
    ("what_if", "judge"),  # what would have been is judged by the very judge of live calls, never by a copy
    ("what_if", "settings"),  # and by another configuration file
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py"))}


def resolved(name: str) -> str | None:
    """The module of ours that an imported name lives in: `a.b.C` is of `a.b`."""
    while name:
        if name in MODULES:
            return name
        name = name.rpartition(".")[0]
    return None


def imported_names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), level=0, names=names):
            return [f"{module}.{alias.name}" for alias in names]
    return []


@cache
def imports(module: str) -> frozenset[str]:
    """Our modules that this one imports, wherever in the file."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    names = (name for node in ast.walk(tree) for name in imported_names(node))
    return frozenset(found for name in names if (found := resolved(name)) and found != module)


def stage(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_walk_sees_the_imports() -> None:
    assert len(MODULES) > 50
    assert {"agi_screen.judge.judge", "agi_screen.base.call"} <= imports("agi_screen.screen")


@pytest.mark.parametrize("module", [m for m in MODULES if m != f"{PACKAGE}.__main__"])
def test_module_imports(module: str) -> None:
    assert importlib.import_module(module).__name__ == module


def test_no_circles() -> None:
    """CycleError names the modules of a circle. A package's own file counts too."""
    order = tuple(TopologicalSorter({module: imports(module) for module in MODULES}).static_order())
    assert set(order) == set(MODULES)


def test_base_imports_no_stage_and_nothing_above() -> None:
    wrong = [
        (m, other) for m in MODULES if stage(m) == "base" for other in imports(m) if stage(other) not in {"base", ""}
    ]
    assert not wrong


def test_stages_do_not_know_each_other() -> None:
    pairs = {(m, other) for m in MODULES if stage(m) in STAGES for other in imports(m)}
    own = {(m, o) for m, o in pairs if stage(o) in {stage(m), "base", ""} or (stage(m), stage(o)) in ALLOWED}
    assert pairs - own == set()


def test_exceptions_are_used() -> None:
    used = {(stage(m), stage(other)) for m in MODULES for other in imports(m)}
    assert used >= ALLOWED


def test_only_absolute_imports_at_the_top() -> None:
    wrong = []
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                wrong.append(f"{module}: relative import in line {node.lineno}")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = (n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom))
                wrong += [f"{module}: import inside a function in line {n.lineno}" for n in inner]
    assert not wrong
