"""`agi-screen list`, beside a running daemon and without one."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.list_entries import MAX_PATTERNS
from agi_screen.inbound.control import ControlServer
from tests.commands.conftest import Run
from tests.places import KINDS

RELAY = Path(__file__).resolve().parents[2] / "asterisk_conf/lists/relay-us.csv"


@pytest.fixture(params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """In a file, and in a PostgreSQL database."""
    kind: str = request.param
    return kind


class Daemon:
    """The daemon's real control server in a thread; `asked` is what reached it."""

    def __init__(self, path: Path) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuse = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = ControlServer({"lists": self._lists})
        asyncio.run_coroutine_threadsafe(self._server.start(path), self._loop).result(10)

    async def _lists(self, request: Any) -> dict[str, Any]:
        self.asked.append(dict(request))
        if self.refuse:
            raise AgiScreenError(self.refuse)
        return {"entries": 1}

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def daemon(config: Path) -> Iterator[Daemon]:
    made = Daemon(config.with_name("agi-screen-control.sock"))
    yield made
    made.stop()


def values(run: Run) -> list[str]:
    return [f"{o['list']} {o['value']}" for o in run("list", "show", "--json").objects]


def test_add_show_remove_without_a_daemon(run: Run) -> None:
    added = run("list", "add", "deny", "4155550100", "+1212*", "--reason", "fraud [red]", "--expires", "7d")
    assert (added.code, added.out) == (
        0,
        "added +14155550100, +1212*: daemon not running: takes effect at its start\n",
    )
    one, two = run("list", "show", "--json").objects
    assert (one["value"], one["kind"], one["reason"], two["kind"]) == (
        "+14155550100",
        "number",
        "fraud [red]",
        "prefix",
    )
    assert one["expires"] - one["added"] == 7 * 86400
    assert "fraud [red]" in run("list", "show", "deny").out
    removed = run("list", "remove", "deny", "(415) 555-0100", "101")
    assert (removed.code, removed.err) == (1, "not on the deny list: 101\n")
    assert values(run) == ["deny +1212*"]


def test_a_running_daemon_is_told_after_the_change(run: Run, daemon: Daemon) -> None:
    assert run("list", "add", "allow", "101", "--json").objects == [{"added": ["101"], "effect": "in force now"}]
    assert run("list", "remove", "allow", "101").out == "removed 101: in force now\n"
    assert daemon.asked == [{"do": "lists"}] * 2


def test_a_daemon_that_does_not_take_it_is_told_of(run: Run, daemon: Daemon) -> None:
    daemon.refuse = "too many patterns"
    done = run("list", "add", "deny", "+1212*")
    assert done.code == 2
    assert "the database is changed, but the running daemon did not take it: too many patterns" in done.err
    assert values(run) == ["deny +1212*"]


def test_the_socket_left_by_a_killed_daemon_is_no_daemon(run: Run, config: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(config.with_name("agi-screen-control.sock")))
    assert "daemon not running" in run("list", "add", "deny", "+1212*").out


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("add", "deny", "abc"), 'list entry "abc": write a number'),
        (("add", "deny", "\x1b[31m"), r"\x1b[31m"),
        (("add", "deny", "+1415*", "_."), "matches every caller"),
        (("add", "deny", "+1415*", "--expires", "soon"), 'time "soon": write a time'),
        (("add", "deny", *(f"_+1{n:03d}X!" for n in range(MAX_PATTERNS + 1))), "257 patterns, at most 256"),
        (("show",), "there is no database"),
    ],
)
def test_refused_with_the_mend_and_nothing_changed(run: Run, words: tuple[str, ...], mend: str) -> None:
    done = run("list", *words)
    assert (done.code, done.out) == (2, "")
    assert mend in done.err
    assert "\x1b" not in done.err
    run("list", "add", "allow", "101")
    assert values(run) == ["allow 101"]


GOOD = "# ours\n+14155550101, stole, 7d\n\n4155550102\n+1212*\n4155550102, again\n"
BAD = "4155550103\nbla\n+1\n4155550104,x,7q\n\udcff\n"


def write(path: Path, text: str) -> str:
    path.write_text(text, errors="surrogateescape")
    return str(path)


@pytest.mark.parametrize("text", [GOOD, "﻿" + GOOD, GOOD.replace("\n", "\r\n")])
def test_import_takes_plain_lines_and_csv(run: Run, tmp_path: Path, text: str) -> None:
    done = run("list", "import", write(tmp_path / "f", text), "--list", "deny", "--reason", "file", "--json")
    assert done.objects == [{"imported": 3, "bad": 0, "effect": "daemon not running: takes effect at its start"}]
    found = {o["value"]: (o["reason"], o["source"], o["expires"] > 0) for o in run("list", "show", "--json").objects}
    assert found == {
        "+14155550101": ("stole", "import f", True),
        "+14155550102": ("again", "import f", False),
        "+1212*": ("file", "import f", False),
    }


def test_import_knows_headings(run: Run, tmp_path: Path) -> None:
    text = 'Number,Expires,City,Reason\n4155550101,7d,"Paul, St.",why\n'
    run("list", "import", write(tmp_path / "f", text), "--list", "allow")
    (found,) = run("list", "show", "--json").objects
    assert (found["list"], found["value"], found["reason"], found["expires"] > 0) == (
        "allow",
        "+14155550101",
        "why",
        True,
    )


def test_import_with_bad_lines_takes_nothing_and_names_them_all(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "f", BAD)
    done = run("list", "import", file, "--list", "deny")
    assert done.code == 2
    *lines, last = done.err.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{file}:{n}" for n in (2, 3, 4, 5)]
    written = ["bla", "+1", "7q", r"\\xff"]
    assert all(f" = {word}: " in line for word, line in zip(written, lines, strict=True))
    assert last.startswith("4 bad lines, nothing was imported")
    assert run("list", "show").code == 2  # not even a database


def test_the_shipped_list_of_relay_services_is_taken_whole(run: Run) -> None:
    done = run("list", "import", str(RELAY), "--list", "allow", "--source", "relay", "--json")
    assert (done.code, done.objects[0]["bad"]) == (0, 0)
    shown = run("list", "show", "allow", "--json").objects
    assert {entry["value"] for entry in shown} >= {"711", "+18006273529"}
    assert all(entry["reason"] for entry in shown)


def test_import_skipping_bad_lines(run: Run, tmp_path: Path) -> None:
    done = run("list", "import", write(tmp_path / "f", BAD), "--list", "deny", "--skip-bad")
    assert (done.code, len(done.err.splitlines())) == (0, 4)
    assert values(run) == ["deny +14155550103"]


def test_import_of_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    done = run("list", "import", str(tmp_path / "none"), "--list", "deny")
    assert (done.code, "cannot be read" in done.err) == (2, True)


def test_replace_takes_what_is_gone_and_leaves_what_others_put(run: Run, tmp_path: Path) -> None:
    nightly = ("--list", "deny", "--source", "partner", "--replace", "--json")
    run("list", "add", "deny", "4155550109", "--reason", "mine")
    run("list", "import", write(tmp_path / "f", "4155550101\n4155550102\n"), *nightly)
    done = run("list", "import", write(tmp_path / "g", "4155550102\n4155550109\n+1212*\n"), *nightly)
    assert done.objects[0]["imported"] == 2
    assert done.objects[0]["left_to_others"] == 1
    found = {o["value"]: o["source"] == "partner" for o in run("list", "show", "--json").objects}
    assert found == {"+14155550109": False, "+14155550102": True, "+1212*": True}
    refused = run("list", "import", write(tmp_path / "h", "# nothing\n"), *nightly)
    assert (refused.code, "gives no entry" in refused.err) == (2, True)
    assert run("list", "remove", "--source", "partner", "--json").objects[0]["removed"] == 2
    assert values(run) == ["deny +14155550109"]


@pytest.mark.parametrize("words", [(), ("deny",), ("deny", "+1", "--source", "x")])
def test_remove_wants_entries_or_a_source(run: Run, words: tuple[str, ...]) -> None:
    done = run("list", "remove", *words)
    assert (done.code, "say a list and its entries, or --source alone" in done.err) == (2, True)


def test_export_is_read_again_and_harmless_in_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    run("list", "add", "deny", "4155550101", "+1212*", "_7XX", "--expires", "7d", "--reason", "=cmd(1)")
    before = run("list", "show", "--json").objects
    file = tmp_path / "out.csv"
    assert run("list", "export", "deny", "--output", str(file)).out == "exported 3\n"
    text = file.read_text()
    assert text == run("list", "export", "deny").out.replace("\r\n", "\n")
    assert ",'=cmd(1)," in text
    run("list", "import", str(file), "--list", "allow")
    after = run("list", "show", "allow", "--json").objects
    assert [o["value"] for o in after] == [o["value"] for o in before]
    assert [o["expires"] for o in after] == pytest.approx([o["expires"] for o in before])
