"""One file → everything configured. All problems are told at once; a bad file gives no settings at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from agi_screen.base.config import Config
from agi_screen.base.errors import ConfigError, Problem
from agi_screen.base.toml_file import DEFAULTS, line_of, merged, problems_in, read_tables, tables_in
from agi_screen.judge.registry import AnySignal, build_signals
from agi_screen.reply.captcha.registry import AnyChallenge, build_challenges

PLACES = (Path("agi-screen.toml"), Path("/etc/agi-screen/agi-screen.toml"))
# The variables' names, by the table whose secret they hold.
SECRETS = {
    "agi": "AGI_SCREEN_AGI_SECRET",
    "ami": "AGI_SCREEN_AMI_SECRET",
    "webhook": "AGI_SCREEN_WEBHOOK_SECRET",
    "cluster": "AGI_SCREEN_CLUSTER_SECRET",
}
REDIS_PASSWORD = "AGI_SCREEN_REDIS_PASSWORD"  # noqa: S105  the variable's name


@dataclass(frozen=True, slots=True)
class Settings:
    """A checked configuration: `path` is the file it came from (the shipped defaults where there is none)."""

    path: Path
    config: Config
    signals: tuple[AnySignal, ...]
    challenges: tuple[AnyChallenge, ...]

    @property
    def database(self) -> Path:
        """Where the database is: `[store] path`, counted from the configuration file's folder."""
        return self.path.parent / self.config.store.path

    @property
    def buckets(self) -> Path:
        """Where the limiter's table is kept over a restart."""
        return self.database.with_name("agi-screen.buckets")

    @property
    def learned(self) -> Path:
        """Where what was learned of normal traffic is kept over a restart."""
        return self.database.with_name("agi-screen.learned.json")

    @property
    def agi_socket(self) -> Path:
        """The Unix socket of the classic AGI script."""
        return self.database.with_name("agi-screen.sock")

    @property
    def control_socket(self) -> Path:
        """The Unix socket of the commands."""
        return self.database.with_name("agi-screen-control.sock")


def find(path: Path | None) -> Path:
    """The file to use: the one named, else the first of `PLACES` that is there. Raises ConfigError."""
    if path is not None:
        return path
    for place in PLACES:
        if place.is_file():
            return place
    names = " or ".join(map(str, PLACES))
    raise ConfigError([Problem("agi-screen", "configuration", "", f"write {names}, or name one with --config")])


def load(path: Path | None = None) -> Settings:
    """Reads, merges over the defaults and checks. Raises ConfigError with every problem found."""
    path = find(path)
    site, lines = read_tables(path)
    return laid_over_defaults(site, path, lines)


def checked(text: str, path: Path) -> Settings:
    """What `load` would give were this the text of the file. Raises ConfigError."""
    site, lines = tables_in(text, path)
    return laid_over_defaults(site, path, lines)


def laid_over_defaults(site: dict[str, Any], path: Path, lines: dict[str, int]) -> Settings:
    """The shipped defaults with these tables over them; `path` and `lines` are for messages. Raises ConfigError."""
    defaults, _ = read_tables(DEFAULTS)
    tables = merged(defaults, site)
    problems: list[Problem] = []
    config = _config(tables, str(path), lines, problems)
    signals, more = build_signals(_tables_of("signals", tables), str(path), lines)
    problems += more
    challenges, more = build_challenges(_tables_of("challenges", tables), str(path), lines)
    problems += more
    if config is None or problems:
        raise ConfigError(problems)
    problems = _missing_caps(config, signals, str(path))
    if problems:
        raise ConfigError(problems)
    config = _with_secrets(config, path)
    if config.state.shared and not config.cluster.secret.get_secret_value():
        mend = "give it, the same on every machine: Redis must not hold callers' numbers in clear"
        raise ConfigError([Problem(str(path), "cluster.secret", "", mend, line_of(lines, "cluster"))])
    return Settings(path.resolve(), config, tuple(signals), tuple(challenges))


def _config(tables: dict[str, Any], where: str, lines: dict[str, int], problems: list[Problem]) -> Config | None:
    try:
        return Config.model_validate(tables)
    except ValidationError as error:
        problems += problems_in(error, Config, where, lines)
        return None


def _tables_of(name: str, tables: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Only what is shaped like tables: Config complains of the rest."""
    found = tables.get(name)
    items = found.items() if isinstance(found, dict) else ()
    return {name: table for name, table in items if isinstance(table, dict)}


def _missing_caps(config: Config, signals: list[AnySignal], where: str) -> list[Problem]:
    missing = sorted({signal.group for signal in signals} - set(config.groups))
    mend = "give this group of signals its cap, such as 10.0"
    return [Problem(where, f"groups.{group}", "", mend) for group in missing]


def _with_secrets(config: Config, path: Path) -> Config:
    """Each secret: the environment first, then the secret file, then the key itself."""
    secrets = [(table, "secret", variable) for table, variable in SECRETS.items()]
    for name, key, variable in [*secrets, ("cluster", "password", REDIS_PASSWORD)]:
        table = getattr(config, name)
        secret, file = os.environ.get(variable), getattr(table, f"{key}_file")
        if secret is None and file:
            secret = _secret_of(path, f"{name}.{key}_file", file)
        if secret is not None:
            config = config.model_copy(update={name: table.model_copy(update={key: SecretStr(secret)})})
    return config


def _secret_of(path: Path, key: str, file: str) -> str:
    try:
        return (path.parent / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        mend = f"cannot be read: {error}"
        raise ConfigError([Problem(str(path), key, file, mend)]) from error
