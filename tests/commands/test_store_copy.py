"""`agi-screen store copy`, and what `check` and `doctor` say of a database's settings."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agi_screen.base.clock import SystemClock
from agi_screen.base.errors import ConfigError
from agi_screen.base.records import CallerRecord, Feedback, ListName, Pass
from agi_screen.base.store import Store
from agi_screen.base.store_audit import Doer, write_audit
from agi_screen.base.store_copy import TABLES
from agi_screen.base.store_place import Place
from agi_screen.doctor.checks.store import store as store_check
from agi_screen.doctor.finding import Finding, Mark
from agi_screen.doctor.patient import Patient
from agi_screen.settings import load
from agi_screen.web.access.accounts import add_account
from agi_screen.web.access.tokens import add_token
from agi_screen.web.route import Role
from tests.commands.conftest import Run
from tests.made import NOON, a_call, an_end, an_entry
from tests.places import rows_of
from tests.postgresql import OwnServer

DOER = Doer("ann", "", NOON)


@pytest.fixture
def store_kind() -> str:
    return "postgresql"


async def fill(place: Place) -> None:
    store = await Store.open(place, clock=SystemClock())
    await store.save_calls([a_call(f"c{n}", caller_name="a\0b") for n in range(3)])
    await store.save_ends([an_end("u-c1")])
    await store.add_entries([an_entry("+1415*"), an_entry("+1", ListName.ALLOW, source="x")])
    await store.save_passes([Pass("+1", "t", 2, 9e9)])
    await store.save_callers([CallerRecord("+1", 1, 61.5, NOON, 2, 3, 4, 9, NOON, 5, 6, NOON, 7, 8, "t")])
    await store.save_feedback(Feedback("c1", "+1", "robot", "101", NOON))
    await store.set_setting("level", "siege", "ann", NOON)
    await add_account(store, DOER, "Ann", Role.ADMIN, "hash")
    await add_token(store, DOER, "cron", Role.VIEWER, 0.0)
    await write_audit(store, DOER, "something")
    await store.close()


def content(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """Of the tables but the calls, whose text is compared apart: a NUL is text in a file alone."""
    return {
        t: sorted(rows_of(place, f"SELECT * FROM {t}"), key=repr) for t in TABLES if t not in ("calls", "call_ends")
    }


def test_everything_comes_over_and_goes_on(run: Run, config: Path) -> None:
    file, place = config.with_name("calls.db"), load(config).place
    asyncio.run(fill(file))
    done = run("store", "copy", "--json").objects[0]
    assert done["copied"] == {table: len(rows_of(file, f"SELECT * FROM {table}")) for table in TABLES}
    assert content(place) == content(file)
    assert [c["caller_name"] for c in run("calls", "--json").objects] == ["a?b"] * 3
    assert run("calls", "--id", "c1", "--json").objects[0]["end"]["uniqueid"] == "u-c1"
    again = run("store", "copy")
    assert (again.code, again.out) == (2, "")
    assert "empty database" in again.err
    assert run("list", "add", "deny", "+14155550199").code == 0
    newest = rows_of(place, "SELECT n FROM audit ORDER BY n")
    assert len(newest) == len(set(newest))


def test_a_copy_that_fails_leaves_nothing(run: Run, config: Path) -> None:
    file, place = config.with_name("calls.db"), load(config).place
    file.write_bytes(b"rubbish" * 1000)
    assert run("store", "copy").code == 2
    asyncio.run(fill(config.with_name("other.db")))
    assert run("store", "copy", "--from", str(config.with_name("other.db"))).code == 0
    assert len(rows_of(place, "SELECT 1 FROM calls")) == 3


@pytest.mark.parametrize("store_kind", ["embedded"])
def test_there_must_be_somewhere_to_copy_to(run: Run) -> None:
    assert "store.url: is empty" in run("store", "copy").err


@pytest.mark.parametrize(
    ("table", "mend"),
    [
        ('url = "mysql://x/y"', "postgresql://agi-screen@db.example.org/agi-screen"),
        ('url = "postgresql://agi:hush-hush@db/x"', "secret_file, or the variable AGI_SCREEN_STORE_PASSWORD"),
        ('url = "postgresql://agi@db/x?password=hush-hush"', "secret_file"),
        ('url = "postgresql://agi@db"', "names no database"),
        ('url = "postgresql://agi@db/x"\nsecret_file = "none"', "cannot be read"),
    ],
)
def test_bad_settings_are_told_without_the_password(tmp_path: Path, table: str, mend: str) -> None:
    path = tmp_path / "agi-screen.toml"
    path.write_text(f"[store]\n{table}\n")
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert mend in str(refused.value)
    assert "hush-hush" not in str(refused.value)


def test_the_password_comes_from_the_file_or_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agi-screen.toml"
    path.write_text('[store]\nurl = "postgresql://agi@db/x"\nsecret_file = "pw"\n')
    (tmp_path / "pw").write_text("of the file\n")
    assert "of the file" in repr(load(path).config.store.secret.get_secret_value())
    monkeypatch.setenv("AGI_SCREEN_STORE_PASSWORD", "of the variable")
    settings = load(path)
    assert settings.config.store.secret.get_secret_value() == "of the variable"
    assert "of the variable" not in f"{settings} {settings.place}"
    assert settings.control_socket.parent == tmp_path.resolve()


def test_a_missing_driver_is_named_with_its_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agi-screen.toml"
    path.write_text('[store]\nurl = "postgresql://agi@db/x"\n')
    monkeypatch.setattr("agi_screen.base.store_place.DRIVER", "psycopg_of_nobody")
    with pytest.raises(ConfigError, match=r"agi-screen\.toml:2: store\.url.*pip install 'agi-screen\[postgresql\]'"):
        load(path)


def findings(config: Path) -> list[Finding]:
    found = [one for one in store_check(Patient(load(config), config.parent)) if one.what == "database"]
    return [one for one in found if one.mark is not Mark.WARNING]


def test_doctor_looks_at_the_server(run: Run, config: Path, postgresql: OwnServer) -> None:
    assert "start the daemon first" in str(findings(config)[0])
    assert run("list", "add", "deny", "+14155550199").code == 0
    (found,) = findings(config)
    assert (found.mark, "1 list entries" in found.detail) == (Mark.OK, True)
