"""`run("list", "add", …)`: the real commands over a configuration and database of their own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from agi_screen.base.store_place import Place, Server
from agi_screen.commands import accounts, audit, calls, doctor, investigate, level, lists, replay, store, top, tune
from tests.places import store_table

app = Typer()
app.command()(calls.calls)
app.command()(doctor.doctor)
app.command()(investigate.investigate)
app.command()(level.level)
app.command()(replay.replay)
app.command()(top.top)
app.command()(tune.tune)
app.command()(audit.audit)
app.add_typer(accounts.app, name="account")
app.add_typer(lists.app, name="list")
app.add_typer(store.app, name="store")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: its exit code, what it said, and what it complained of."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Done]


@pytest.fixture
def store_kind() -> str:
    """In a file, where a module does not want both."""
    return "embedded"


@pytest.fixture
def config(tmp_path: Path, place: Place) -> Path:
    path = tmp_path / "agi-screen.toml"
    path.write_text(f'[store]\npath = "calls.db"\n{store_table(place) if isinstance(place, Server) else ""}')
    return path


@pytest.fixture
def run(config: Path) -> Run:
    def run(*words: str, stdin: str = "") -> Done:
        done = CliRunner().invoke(app, [*words, "--config", str(config)], env={"COLUMNS": "200"}, input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run
