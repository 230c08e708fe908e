"""One caller's data over a real daemon, real calls and a real database: with clear and with hashed numbers."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from agi_screen.__main__ import app
from agi_screen.base.happened import Marked
from agi_screen.base.pseudonym import Pseudonyms, is_pseudonym
from agi_screen.base.records import CallRecord
from agi_screen.base.store_search import CallFilter
from agi_screen.trail.board.board import Mark
from tests.made import an_end
from tests.web.running import NO_AMI, Running, running

CALLER, ROBOT = "4155552671", "2125550177"
NOTHING_SEEN = Mark()
KEY = "this key is only for tests, and it is long enough"
BOTH = pytest.mark.parametrize("numbers", ["clear", "hashed"])


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "agi_screen")


@asynccontextmanager
async def daemon_of(folder: Path, numbers: str) -> AsyncIterator[Running]:
    (folder / "key").write_text(KEY)
    more = f"{NO_AMI}[privacy]\nnumbers = '{numbers}'\nnumber_key_file = 'key'\n"
    async with running(folder, more) as run:
        yield run


def kept_as(run: Running, number: str) -> str:
    return run.daemon.plan.number(number).known_as


async def recorded(run: Running, number: str) -> CallRecord:
    """The newest call of this number, as it is stored."""
    await run.daemon.recorder.flush()
    found = await run.daemon.store.opened.calls(CallFilter(caller=kept_as(run, number), limit=1))
    return found[0].record


async def command(folder: Path, *words: str) -> str:
    """A real command, in a thread: it has a loop of its own."""
    line = [*words, "--config", str(folder / "agi-screen.toml")]
    done = await asyncio.to_thread(CliRunner().invoke, app(words), line, env={"COLUMNS": "200"})
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


class Admin:
    """A program with an admin's token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.request(method, self._url + path, json=body or None) as answer,
        ):
            said = await answer.json()
            assert answer.status == 200, said
            return said


async def admin_of(run: Running, folder: Path) -> Admin:
    said = await command(folder, "account", "token", "add", f"t{os.urandom(3).hex()}", "--role", "admin", "--json")
    return Admin(run.url, json.loads(said)["token"])


def naming(folder: Path, *numbers: str) -> list[str]:
    """Files in which one of the numbers stands in clear: read byte by byte, the database's own and its log too."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and any(number.encode() in path.read_bytes() for number in numbers):
            found.append(str(path.relative_to(folder)))
    return found


async def a_day_of_calls(run: Running, admin: Admin) -> None:
    """The caller talked, has a pass, is marked; the robot is denied by the button on its call's page."""
    await run.call(CALLER, name="Ann Caller", uniqueid="1.1")
    await run.call(ROBOT, name=ROBOT, uniqueid="2.1")
    known = await recorded(run, CALLER)
    who = run.daemon.plan.number(CALLER)
    run.daemon.passes.grant(who.alias or who.e164, known.trunk)
    run.daemon.trail.ended(an_end(known.uniqueid, talk_time=61.0), known)
    run.daemon.judge.learn(Marked(known.caller, "person", known.started))
    await run.call(CALLER, uniqueid="3.1")
    robot = await recorded(run, ROBOT)
    await admin.ask("POST", f"/calls/{robot.id}/list", list="deny", reason="hammers", expires="")
    await admin.ask("POST", f"/calls/{robot.id}/mark", label="robot")
    await run.daemon.recorder.flush()


@BOTH
async def test_all_features_keep_working(tmp_path: Path, numbers: str, caplog: pytest.LogCaptureFixture) -> None:
    async with daemon_of(tmp_path, numbers) as run:
        await a_day_of_calls(run, await admin_of(run, tmp_path))
        assert "SCREEN_VERDICT=reject" in await run.call(ROBOT, uniqueid="4.1")
    async with daemon_of(tmp_path, numbers) as run:
        admin = await admin_of(run, tmp_path)
        judge, name = run.daemon.judge, kept_as(run, CALLER)
        assert is_pseudonym(name) is (numbers == "hashed")
        assert judge.memory.callers.knows(name)  # talked before the restart
        assert judge.memory.callers.marks(kept_as(run, ROBOT))[0] == 1
        assert run.daemon.passes.peek(name, (await recorded(run, CALLER)).trunk) is not None
        assert "SCREEN_VERDICT=reject" in await run.call(ROBOT, uniqueid="5.1")
        heard = await run.call(f"+1{CALLER}", uniqueid="6.1")  # written otherwise, the same caller
        assert "SCREEN_VERDICT=allow" in heard
        assert "known_caller" in heard
        assert judge.memory.callers.about(name)["calls"] == 1
        await run.daemon.recorder.flush()
        found = (await command(tmp_path, "calls", "--caller", "(415) 555-2671", "--json")).splitlines()
        assert [json.loads(line)["caller"] for line in found] == [name] * 3
        page = await admin.ask("GET", f"/calls/{json.loads(found[0])['id']}")
        assert (page["call"]["caller"], len(page["earlier"]), page["marks"]["person"]) == (name, 2, 1)
        (entry,) = (await admin.ask("GET", f"/lists?list=deny&search={ROBOT}"))["entries"]
        assert entry["value"] == kept_as(run, ROBOT)
        assert await run.daemon.stock.load_lists() == 1
        shown = json.loads(await command(tmp_path, "explain", CALLER, "--json"))
        assert shown["caller"] == name
    replayed = json.loads(await command(tmp_path, "replay", str(tmp_path / "agi-screen.db"), "--json"))
    assert replayed["calls"] == 6
    told = json.loads(await command(tmp_path, "investigate", "--from", "1h", "--output", str(tmp_path / "r"), "--json"))
    assert told["callers"] == 2
    named = naming(tmp_path, CALLER, ROBOT, "Ann Caller")
    if numbers == "hashed":
        assert named == []
        assert CALLER not in caplog.text
        assert ROBOT not in caplog.text
        assert name in caplog.text  # the line of a call has the pseudonym
        assert KEY not in caplog.text
        assert "1415555" in (tmp_path / "r/report.html").read_text()  # blocks are told all the same
    else:
        assert "agi-screen.db" in named  # so the scan can see
        assert CALLER in caplog.text


@BOTH
async def test_forgotten_everywhere(tmp_path: Path, numbers: str, caplog: pytest.LogCaptureFixture) -> None:
    async with daemon_of(tmp_path, numbers) as run:
        admin = await admin_of(run, tmp_path)
        await a_day_of_calls(run, admin)
        names = (CALLER, kept_as(run, CALLER))
        mine = await recorded(run, CALLER)
        await admin.ask("POST", "/lists", list="allow", number=CALLER, reason="", expires="")
        await admin.ask("POST", f"/calls/{mine.id}/mark", label="person")
        report, pack = tmp_path / "agi-screen.reports/00112233aabb", tmp_path / "agi-screen.db.damaged-1"
        report.mkdir(parents=True)
        (report / "report.html").write_text(f"calls of {names[1]}")
        pack.write_text(f"of +1{CALLER}")
        exported = await admin.ask("POST", "/callers/export", number=f"+1 {CALLER}")
        assert exported["counts"]["calls"] == 2
        assert exported["data"]["calls"][0]["end"]["talk_time"] == 61.0
        assert {*exported["meaning"], "known_as"} == set(exported["data"])
        assert sorted(exported["data"]["files"]) == [pack.name, "agi-screen.reports/00112233aabb/report.html"]
        assert any(path.startswith("agi-screen.db") for path in naming(tmp_path, names[1]) if "damaged" not in path)
        caplog.clear()
        told = await admin.ask("POST", "/callers/forget", number=CALLER, lists=True, reports=True)
        assert told["rows"] | {"audit": 0} == {
            "calls": 2,
            "call_ends": 1,
            "feedback": 1,
            "callers": 1,
            "passes": 1,
            "list_entries": 1,
            "audit": 0,
        }
        assert told["rows"]["audit"] == 1  # the entry that was added by hand
        assert told["removed"] == ["agi-screen.reports/00112233aabb"]
        assert told["left"] == [pack.name]
        pack.unlink()
        assert naming(tmp_path, *names) == []  # the daemon runs, its database is open
        assert not any(name in caplog.text for name in names)
        daemon = run.daemon
        assert daemon.judge.memory.callers.about(names[1]) == {}
        assert daemon.passes.peek(names[1], mine.trunk) is None
        assert not any(name in json.dumps(run.daemon.trail.board.parts(NOTHING_SEEN)[0]) for name in names)
        again = await admin.ask("POST", "/callers/export", number=CALLER)
        assert {key: n for key, n in again["counts"].items() if n} == {}
        (line,) = [one for one in (await admin.ask("GET", "/audit"))["lines"] if one["what"] == "caller forgotten"]
        assert "calls=2" in line["after"]
        assert (await recorded(run, ROBOT)).caller == kept_as(run, ROBOT)  # others stay
        await run.call(CALLER, uniqueid="7.1")
        assert (await recorded(run, CALLER)).caller == names[1]  # and a later call is a new one
    assert naming(tmp_path, *names) != []


async def test_another_key_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with daemon_of(tmp_path, "hashed") as run:
        await run.call(CALLER, uniqueid="8.1")
        assert run.daemon.stock.numbers_remark == ""
    os.environ["AGI_SCREEN_NUMBER_KEY"] = "another key that is long enough to be one"
    try:
        async with daemon_of(tmp_path, "hashed") as run:
            assert "ANOTHER key" in run.daemon.stock.numbers_remark
    finally:
        del os.environ["AGI_SCREEN_NUMBER_KEY"]
    assert "restore the key" in caplog.text


async def test_clear_records_become_hashed(tmp_path: Path) -> None:
    async with daemon_of(tmp_path, "clear") as run:
        await a_day_of_calls(run, await admin_of(run, tmp_path))
    async with daemon_of(tmp_path, "hashed") as run:
        assert "hash-existing" not in run.daemon.stock.numbers_remark
        assert "clear numbers" in run.daemon.stock.numbers_remark
    done = json.loads(await command(tmp_path, "privacy", "hash-existing", "--json"))
    assert {name for name, count in done["rows"].items() if count} == {
        *("calls", "feedback", "callers", "passes", "list_entries", "audit")
    }
    again = json.loads(await command(tmp_path, "privacy", "hash-existing", "--json"))
    assert set(again["rows"].values()) == {0}
    assert naming(tmp_path, CALLER, ROBOT, "Ann Caller") == []
    async with daemon_of(tmp_path, "hashed") as run:
        assert run.daemon.stock.numbers_remark == ""
        assert run.daemon.judge.memory.callers.knows(kept_as(run, CALLER))
        assert "SCREEN_VERDICT=reject" in await run.call(ROBOT, uniqueid="9.1")


async def test_hashed_without_a_key_starts_no_daemon(tmp_path: Path) -> None:
    (tmp_path / "agi-screen.toml").write_text("[privacy]\nnumbers = 'hashed'\n")
    done = CliRunner().invoke(app(["calls"]), ["calls", "--config", str(tmp_path / "agi-screen.toml")])
    assert done.exit_code == 2
    assert "privacy.number_key_file" in done.output


async def test_make_key_never_overwrites(tmp_path: Path) -> None:
    key = tmp_path / "key"
    assert CliRunner().invoke(app(["privacy"]), ["privacy", "make-key", str(key)]).exit_code == 0
    assert key.stat().st_mode & 0o777 == 0o600
    first = key.read_text()
    assert Pseudonyms(bytes.fromhex(first), 7).check
    assert CliRunner().invoke(app(["privacy"]), ["privacy", "make-key", str(key)]).exit_code == 2
    assert key.read_text() == first
