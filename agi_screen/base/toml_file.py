"""One TOML file laid over the shipped defaults, with the line of every key kept for error messages."""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from agi_screen.base.errors import ConfigError, Problem
from agi_screen.base.text import escape

DEFAULTS = Path(__file__).with_name("defaults.toml")
MAX_BYTES = 1_048_576
MAX_KEY = 120
MAX_DOTS = 200
_SECTION = re.compile(r"\s*\[(\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*(["']?)([A-Za-z0-9_-]+)\1\s*(\.\s*[A-Za-z0-9_.-]+\s*)?=""")
_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")


def read_tables(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The file's tables, and the line of each dotted key. Raises ConfigError."""
    try:
        size = path.stat().st_size
        text = path.read_text(encoding="utf-8") if size <= MAX_BYTES else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(str(path), "file", "", f"cannot be read: {error}")]) from error
    if size > MAX_BYTES:
        raise ConfigError([Problem(str(path), "file", f"{size} bytes", f"must be at most {MAX_BYTES} bytes")])
    return tables_in(text, path)


def tables_in(text: str, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The same for the text of a file; `path` is for messages."""
    _refuse_deep_keys(text, path)
    try:
        return tomllib.loads(text), _lines_of_keys(text)
    except (ValueError, RecursionError) as error:  # besides its own: a number too long, tables too deep
        at = _AT_LINE.search(str(error))
        mend = "arrays or tables stand too deep in each other" if isinstance(error, RecursionError) else str(error)
        problem = Problem(str(path), "TOML", "", escape(mend), int(at[1]) if at else len(text.splitlines()))
        raise ConfigError([problem]) from error


def _refuse_deep_keys(text: str, path: Path) -> None:
    """Python takes time by the cube of a dotted key's parts: seconds for 12 KB, days for a file of the largest size."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > MAX_DOTS:
            mend = f"more than {MAX_DOTS} dots in a line: no key has so many parts"
            raise ConfigError([Problem(str(path), "TOML", "", mend, number)])


def _lines_of_keys(text: str) -> dict[str, int]:
    """A table of an array has its place in its name: `[[attack]]` and `[attack.captcha]` are `attack.0` and below."""
    lines: dict[str, int] = {}
    arrays: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := _SECTION.match(line):
            section = head[2].replace('"', "").replace(" ", "")
            array, _, below = section.partition(".")
            if head[1]:
                array, below = section, ""
                arrays[array] = arrays.get(array, -1) + 1
            if array in arrays:
                section = f"{array}.{arrays[array]}" + (f".{below}" if below else "")
            section += "."
            lines.setdefault(section[:-1], number)
        elif key := _KEY.match(line):
            name = key[2] + (key[3] or "").replace(" ", "")
            lines.setdefault(section + name, number)
    return lines


def merged(base: dict[str, Any], site: dict[str, Any]) -> dict[str, Any]:
    """`site` laid over `base`, table by table; neither is changed."""
    both = dict(base)
    for key, value in site.items():
        below = both.get(key)
        both[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def line_of(lines: dict[str, int], dotted: str) -> int:
    """The line of a key, else of the nearest table around it, else 0."""
    while dotted:
        if dotted in lines:
            return lines[dotted]
        dotted = dotted.rpartition(".")[0]
    return 0


def _shown(value: object) -> str:
    """Short. A whole number may be too long to be written at all, in hexadecimal it was."""
    try:
        return repr(value)[:80]
    except ValueError:
        return "a number of thousands of digits"


def problems_in(
    error: ValidationError, model: type[BaseModel], where: str, lines: dict[str, int], prefix: str = ""
) -> list[Problem]:
    """Every complaint of pydantic in our words: file, line, key, value, mend."""
    found = []
    for item in error.errors(include_url=False):
        dotted = (prefix + ".".join(str(part) for part in item["loc"])).rstrip(".")
        value = "" if isinstance(item["input"], dict) else _shown(item["input"])
        mend = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            mend, value = "there is no such key" + _suggestion(model, item["loc"]), ""  # it may be a misspelt secret's
        elif item["type"] == "missing":
            mend, value = "is required", ""
        found.append(Problem(where, shown_key(dotted), _hidden(dotted, value), mend, line_of(lines, dotted)))
    return found


def shown_key(dotted: str) -> str:
    """A key as a message names it: in quotes it may be any text, and a terminal obeys some."""
    return escape(dotted, MAX_KEY)


# Many a url holds a token; the tables hold such keys.
_SECRET = frozenset({"secret", "url", "password", "state", "ami", "webhook", "cluster", "store"})


def _hidden(dotted: str, value: str) -> str:
    """Secrets never reach a message."""
    return "***" if value and dotted.rpartition(".")[2] in _SECRET else value


def _suggestion(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    here: Any = model
    for part in loc[:-1]:
        field = getattr(here, "model_fields", {}).get(part)
        here = field.annotation if field else None
    near = get_close_matches(str(loc[-1]), list(getattr(here, "model_fields", {})), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
