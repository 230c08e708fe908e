"""`agi-screen account` and `agi-screen audit`, on a database without a daemon."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.commands.conftest import Run

WORDS = "correct horse battery\n"


@pytest.fixture(autouse=True)
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ann")


def test_add_list_role_password_remove(run: Run) -> None:
    assert run("account", "add", "bob", "--role", "admin", "--password-stdin", stdin=WORDS).out == "added bob, admin\n"
    assert run("account", "add", "eve", "--password-stdin", "--json", stdin=WORDS).objects == [
        {"added": "eve", "role": "viewer"}
    ]
    assert run("account", "role", "eve", "operator").out == "eve is operator now\n"
    assert run("account", "password", "eve", "--password-stdin", stdin="four other words here\n").code == 0
    assert [(one["name"], one["role"]) for one in run("account", "list", "--json").objects] == [
        ("bob", "admin"),
        ("eve", "operator"),
    ]
    assert "operator" in run("account", "list").out
    assert run("account", "remove", "eve").out == "removed eve\n"
    lines = run("audit", "--json").objects
    assert [line["what"] for line in lines] == [
        *("account removed", "account password", "account role", "account added", "account added")
    ]
    assert {line["who"] for line in lines} == {"ann (command)"}
    assert "eve: viewer" in run("audit", "--limit", "3").out


def test_password_is_asked_for(run: Run) -> None:
    done = run("account", "add", "bob", stdin=WORDS + WORDS)
    assert done.code == 0
    assert "battery" not in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("account", "add", "b b", "--password-stdin"), "name = b b: take letters"),
        (("account", "remove", "bob"), "is the last admin"),
        (("account", "role", "bob", "viewer"), "is the last admin"),
        (("account", "remove", "nobody"), "there is no such account"),
        (("account", "add", "bob", "--password-stdin"), "there is such an account already"),
        (("account", "setup-link"), "there are accounts already"),
        (("account", "token", "remove", "x"), "there is no such token"),
    ],
)
def test_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    assert run("account", "add", "bob", "--role", "admin", "--password-stdin", stdin=WORDS).code == 0
    done = run(*words, stdin=WORDS)
    assert done.code == 2
    assert said in done.err


def test_weak_password_is_not_repeated(run: Run) -> None:
    done = run("account", "add", "bob", "--password-stdin", stdin="hunter2\n")
    assert done.code == 2
    assert "12 characters" in done.err
    assert "hunter2" not in done.err + done.out


def test_tokens(run: Run, config: Path) -> None:
    (made,) = run("account", "token", "add", "cron", "--role", "operator", "--expires", "90d", "--json").objects
    (kept,) = run("account", "token", "list", "--json").objects
    assert (kept["name"], kept["role"], kept["made_by"], kept["used"]) == ("cron", "operator", "ann (command)", 0)
    assert 89 * 86400 < kept["expires"] - kept["made"] <= 90 * 86400 + 60
    assert "never" in run("account", "token", "list").out
    assert made["token"].encode() not in config.with_name("calls.db").read_bytes()
    assert run("account", "token", "remove", "cron").out == "revoked cron\n"
    assert run("account", "token", "list", "--json").objects == []


def test_setup_link(run: Run, config: Path) -> None:
    first, second = run("account", "setup-link").out, run("account", "setup-link", "--json").objects[0]["link"]
    assert first.startswith("http://127.0.0.1:8571/setup#")
    assert first.strip() != second
    with sqlite3.connect(config.with_name("calls.db")) as conn:
        rows = conn.execute("SELECT count(*) FROM setup_link").fetchone()
    conn.close()
    assert rows == (1,)
