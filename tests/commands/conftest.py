"""`run("list", "add", …)`: the real commands over a configuration and database of their own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from agi_screen.commands import accounts, audit, calls, doctor, investigate, level, lists, replay, top, tune

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
def config(tmp_path: Path) -> Path:
    path = tmp_path / "agi-screen.toml"
    path.write_text('[store]\npath = "calls.db"\n')
    return path


@pytest.fixture
def run(config: Path) -> Run:
    def run(*words: str, stdin: str = "") -> Done:
        done = CliRunner().invoke(app, [*words, "--config", str(config)], env={"COLUMNS": "200"}, input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run
