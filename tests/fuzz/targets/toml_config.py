"""The configuration file: as text, table by table, and now and then whole, as `agi-screen check` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

from pydantic import BaseModel, ValidationError

from agi_screen.base.config import Config
from agi_screen.base.errors import ConfigError, Problem
from agi_screen.base.toml_file import DEFAULTS, merged, problems_in, read_tables, tables_in
from agi_screen.judge.registry import signal_classes
from agi_screen.reply.captcha.registry import challenge_classes
from agi_screen.settings import laid_over_defaults
from tests.fuzz.target import Target

FILE = Path("agi-screen.toml")
EVERY_WHOLE = 2000  # one in so many is read as the daemon reads it: that takes a hundred times as long
MOST_SHOWN = 1000
MOST_KEYS = 3  # of a table in one input: Python reads TOML slowly
WORDS = (
    *(
        b"[",
        b"]",
        b"[[",
        b"{ ",
        b" }",
        b'"""',
        b"'''",
        b'"\\u001b[31m"',
        b'"a\\nb"',
        b"'\\'",
        b" = ",
        b".",
        b"#",
        b"\\u",
    ),
    *(b"[" * 3000, b"{a=" * 1500, b"a." * 3000, b"true", b"inf", b"nan", b"1979-05-27T07:32:00Z", b"[1, 2, 'x']"),
    *(b"'250ms'", b"'3/10m'", b"'0/0s'", b"'999999999d'", b"'127.0.0.1:0'", b"'[::1]:99999'", b"'+1415'", b"1e308"),
)


def _snippets() -> tuple[bytes, ...]:
    """The shipped file, table by table, without its comments."""
    lines = [line.partition(" #")[0].rstrip() for line in DEFAULTS.read_text().splitlines()]
    text = "\n".join(line for line in lines if line and not line.startswith("#"))
    head, *tables = text.split("\n[")
    snippets = [head]
    for table in tables:
        name, *keys = f"[{table}".split("\n")
        snippets += ["\n".join([name, *keys[at : at + MOST_KEYS]]) for at in range(0, len(keys), MOST_KEYS)]
    return tuple(map(str.encode, snippets))


class TomlConfig(Target):
    """All that is wrong is a ConfigError of one line each; a secret's value is in none."""

    name = "toml_config"
    what = "the configuration: TOML, every table's model, its messages"
    words = WORDS
    between = b" = "
    seeds = _snippets()
    modules = ("agi_screen.base.toml_file", "agi_screen.base.units", "tomllib")

    def __init__(self) -> None:
        self._defaults = read_tables(DEFAULTS)[0]
        self._models: dict[str, type[BaseModel]] = {}
        for name, field in Config.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                self._models[name] = field.annotation
        made: dict[str, dict[str, Any]] = {"signals": dict(signal_classes()), "challenges": dict(challenge_classes())}
        self._params = {kind: {name: known.Params for name, known in each.items()} for kind, each in made.items()}

    def take(self, data: bytes) -> None:
        try:
            text = data.decode()  # what is no UTF-8 is refused before: test_config
        except UnicodeDecodeError:
            return
        try:
            tables, lines = tables_in(text, FILE)
            if crc32(data) % EVERY_WHOLE == 0:
                laid_over_defaults(tables, FILE, lines)
        except ConfigError as error:
            check_problems(error.problems)
            return
        for name, table in tables.items():
            self._check(name, table, lines)

    def _check(self, name: str, table: Any, lines: dict[str, int]) -> None:
        """One table, over the shipped one."""
        below = self._defaults.get(name)
        if isinstance(below, dict) and isinstance(table, dict):
            if name in self._models:
                validated(self._models[name], merged(below, table), lines, name)
            for key, params in self._params.get(name, {}).items():
                given = table.get(key)
                if isinstance(given, dict):
                    validated(params, merged(below.get(key, {}), given), lines, f"{name}.{key}")


def validated(model: type[BaseModel], table: dict[str, Any], lines: dict[str, int], prefix: str) -> None:
    try:
        model.model_validate(table)
    except ValidationError as error:
        check_problems(problems_in(error, model, str(FILE), lines, f"{prefix}."))


def check_problems(problems: list[Problem]) -> None:
    """Each is one line that a terminal shows as it is."""
    assert problems
    for problem in problems:
        said = str(problem)
        assert said.isprintable(), ascii(said)
        assert len(said) <= MOST_SHOWN, len(said)
