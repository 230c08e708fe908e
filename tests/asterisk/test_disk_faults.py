"""What a disk can do, on real calls: nobody waits, lists stay in force, it is said, and all is well afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

import pytest

from agi_screen.commands.control import ControlError, ask
from tests.asterisk.ami import Ami
from tests.asterisk.caller import Caller, Dial
from tests.asterisk.daemon_process import DaemonProcess
from tests.asterisk.desk import Desk
from tests.asterisk.disks import breakable_disk, fill, mount, need_root, small_disk, unmount
from tests.asterisk.lab import Lab
from tests.asterisk.until import until

PERSON, DENIED = "+14155552671", "+14155550133"
SLOW_SECONDS = 2


class OnDisk(DaemonProcess):
    """Its log is elsewhere, so that what it says of its disk can be read."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.log = self.folder.parent / f"{self.folder.name}.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def get(self, path: str) -> str:
        """What its desk answers without a log-in."""
        with urllib.request.urlopen(f"{self.web}/{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def figure(self, name: str) -> float:
        """One of its metrics."""
        found = re.search(rf"^agi_screen_{re.escape(name)} (\S+)$", self.get("metrics"), re.MULTILINE)
        assert found is not None, name
        return float(found[1])

    def parts(self) -> dict[str, bool]:
        """Which parts work; 200 alone is an answer here."""
        found: dict[str, bool] = json.loads(self.get("readyz"))["parts"]
        return found

    def refused(self, *words: str) -> str:
        """What a command says that does nothing."""
        line = [*self.command, *words, "--config", "agi-screen.toml"]
        done = subprocess.run(line, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stdout
        return done.stderr


async def reaches(lab: Lab, desk: Desk, caller: str = PERSON) -> None:
    before = len(desk.calls_of(caller))
    async with await Caller.place(Dial(lab.ports.sip, caller=caller)) as call:
        assert await call.final() == 200
        await until(lambda: len(desk.calls_of(caller)) > before, 30)


async def is_rejected(lab: Lab) -> None:
    async with await Caller.place(Dial(lab.ports.sip, caller=DENIED)) as call:
        assert await call.final() == 403, lab.messages[-2000:]


def listed(daemon: DaemonProcess) -> list[str]:
    shown = daemon.run("list", "show", "deny", "--json").splitlines()
    return [json.loads(line)["value"] for line in shown]


def overwrite_table(database: Path, table: str) -> None:
    """A page of noise where the tree of a table begins."""
    with closing(sqlite3.connect(database)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
        size = conn.execute("PRAGMA page_size").fetchone()[0]
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))


async def test_disk_full(lab: Lab, desk: Desk, ami: Ami, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, OnDisk(lab, disk, "[store]\nbacklog = 3") as daemon:
        daemon.run("list", "add", "deny", DENIED)
        ballast = fill(disk)
        await is_rejected(lab)
        for number in range(4):
            await reaches(lab, desk, f"+1415555990{number}")
        await until(lambda: daemon.figure("records_ok") == 0)
        assert daemon.figure("records_waiting") >= 3
        await until(lambda: daemon.figure("records_lost_total") >= 2)
        assert not daemon.parts()["disk"]
        assert not daemon.parts()["records"]
        assert "disk is full" in daemon.status()["records"]
        assert "free space on the disk" in daemon.refused("list", "add", "deny", "+14155550198")
        ballast.unlink()
        callers = await until(lambda: daemon.query("SELECT caller FROM calls ORDER BY started"), 40)
        assert callers == [(f"+1415555990{number}",) for number in (1, 2, 3)]
        assert listed(daemon) == [DENIED]
        assert daemon.query("PRAGMA integrity_check") == [("ok",)]
        assert "calls are not being written, they wait in memory" in daemon.said
    assert not [event for event in ami.events if event.get("UserEvent") == "AgiScreenOpen"]


async def test_disk_that_fails_and_is_read_only_at_the_next_start(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    with breakable_disk(tmp_path / "disk") as disk:
        with OnDisk(lab, disk) as daemon:
            daemon.run("list", "add", "deny", DENIED)
            mount("-o", "remount,abort", str(disk))
            await reaches(lab, desk)
            await is_rejected(lab)
            await until(lambda: daemon.figure("records_ok") == 0)
            assert re.search("read-?only", daemon.refused("list", "add", "deny", "+14155550198"), re.IGNORECASE)
        assert "records are lost at shutdown" in daemon.said
        unmount(disk, lazily=False)
        mount("-o", "loop", str(disk.with_suffix(".image")), str(disk))
        daemon.write("")  # the first one never reached the disk
        mount("-o", "remount,ro", str(disk))
        with daemon:
            assert "with the lists as they are, WITHOUT passes" in daemon.said
            await is_rejected(lab)
            await reaches(lab, desk)
            assert daemon.parts()["lists"]
            mount("-o", "remount,rw", str(disk))
            await until(lambda: len(daemon.query("SELECT caller FROM calls")) == 2, 30)
        assert daemon.query("PRAGMA integrity_check") == [("ok",)]


async def test_disk_that_disappears_and_comes_back(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    with small_disk(tmp_path / "real") as real:
        place = tmp_path / "at/disk"
        place.mkdir(parents=True)
        mount("--bind", str(real), str(place))
        with OnDisk(lab, place.parent, '[store]\npath = "disk/agi-screen.db"') as daemon:
            daemon.run("list", "add", "deny", DENIED)
            unmount(place)
            await until(lambda: not daemon.parts()["database"], 20)
            await reaches(lab, desk)
            await is_rejected(lab)
            await until(lambda: daemon.figure("records_ok") == 0)
            assert "No such file or directory: put the file, or its disk, back" in daemon.said
            mount("--bind", str(real), str(place))
            database = place / "agi-screen.db"
            await until(lambda: len(_callers(database)) == 2, 40)
            assert listed(daemon) == [DENIED]
            await until(lambda: daemon.parts()["database"])
        unmount(place)


def _callers(database: Path) -> list[tuple[str]]:
    """None while the database is being made."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        return conn.execute("SELECT caller FROM calls").fetchall()
    return []


class OnSlowDisk(OnDisk):
    """Each fsync takes two seconds while the file `slow` is there."""

    @property
    def environment(self) -> dict[str, str]:
        slow = {"LD_PRELOAD": str(self.folder / "slow.so"), "SLOW_WHILE": str(self.folder / "slow")}
        return {**super().environment, **slow, "SLOW_SECONDS": str(SLOW_SECONDS)}


@pytest.fixture
def slow_fsync(tmp_path: Path) -> None:
    source = Path(__file__).parents[1] / "fakes/slow_fsync.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(tmp_path / "slow.so"), str(source), "-ldl"], check=True)


@pytest.mark.usefixtures("slow_fsync")
async def test_slow_disk_made_so_by_a_preloaded_fsync(lab: Lab, desk: Desk, ami: Ami, tmp_path: Path) -> None:
    with OnSlowDisk(lab, tmp_path, '[limiter]\nsave_every = "1s"') as daemon:
        (tmp_path / "slow").touch()
        begun = time.monotonic()
        adding = asyncio.create_task(asyncio.to_thread(daemon.run, "list", "add", "deny", DENIED))
        callers = [f"+1{area}5552671" for area in (212, 312, 415, 510, 617, 713)]  # no block of neighbours
        for caller in callers:
            await reaches(lab, desk, caller)
        await adding
        assert time.monotonic() - begun >= SLOW_SECONDS, "what was acknowledged must have been on the disk"
        await is_rejected(lab)
        rows = await until(lambda: len(found := _decided(daemon)) > len(callers) and found, 40)
        assert {caller for caller, _ in rows} == {*callers, DENIED}
        assert max(microseconds for _, microseconds in rows) < SLOW_SECONDS * 1_000_000, "a verdict waited for the disk"
        (tmp_path / "slow").unlink()
    assert not [event for event in ami.events if event.get("UserEvent") == "AgiScreenOpen"]


def _decided(daemon: DaemonProcess) -> list[tuple[str, int]]:
    return [(str(caller), int(took)) for caller, took in daemon.query("SELECT caller, decide_us FROM calls")]


async def test_all_files_damaged_at_the_start(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    news: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    async with await asyncio.start_server(lambda r, w: _take(news, r, w), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        daemon = OnDisk(lab, tmp_path, f'[webhook]\nurl = "http://127.0.0.1:{port}/"')
        with daemon:
            daemon.run("list", "add", "deny", DENIED)
            await reaches(lab, desk)
        overwrite_table(tmp_path / "agi-screen.db", "calls")
        for name in ("agi-screen.buckets", "agi-screen.learned.json"):
            (tmp_path / name).write_bytes(os.urandom(9000))
        with daemon:
            await is_rejected(lab)
            await reaches(lab, desk)
            (aside,) = tmp_path.glob("agi-screen.db.damaged-*")
            assert f"set aside as {aside}; saved from it: 1 of list_groups, 1 of list_entries" in daemon.said
            assert "callers' rates start from nothing" in daemon.said
            assert "what is usual is learned anew" in daemon.said
            await until(lambda: not daemon.parts()["database"])
            assert daemon.figure('part_ok{part="database"}') == 0
            said = await asyncio.wait_for(news.get(), 20)
            assert (said["event"], said["part"]) == ("degraded", "database")
            assert aside.name in said["why"]
            aside.unlink()
            await until(lambda: daemon.parts()["database"])


async def _take(
    news: asyncio.Queue[dict[str, str]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """The receiver of a webhook: one piece of news a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = re.search(r"content-length: (\d+)", head)
    assert length is not None
    news.put_nowait(json.loads(await reader.readexactly(int(length[1]))))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    writer.close()


async def test_database_damaged_while_it_is_used(lab: Lab, desk: Desk, tmp_path: Path) -> None:
    with OnDisk(lab, tmp_path) as daemon:
        daemon.run("list", "add", "deny", DENIED)
        await reaches(lab, desk, "+14155559701")
        await until(lambda: daemon.query("SELECT caller FROM calls"))
        overwrite_table(tmp_path / "agi-screen.db", "calls")
        await reaches(lab, desk, "+14155559702")
        await is_rejected(lab)
        aside = await until(lambda: list(tmp_path.glob("agi-screen.db.damaged-*")), 20)
        await until(lambda: f"set aside as {aside[0]}" in daemon.said)
        await until(lambda: daemon.figure("records_ok") == 1 and len(_callers(tmp_path / "agi-screen.db")) == 2, 40)
        assert listed(daemon) == [DENIED]
        await is_rejected(lab)


@pytest.fixture
def open_folder(tmp_path: Path) -> Iterator[Path]:
    """One that everybody may look into, and root alone write."""
    need_root()
    folder = Path("/var/tmp") / f"agi-screen-{os.getpid()}"  # pytest's own folders are closed to others
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


class AsNobody(OnDisk):
    """Runs as a user that may not write the folder."""

    @property
    def command(self) -> list[str]:
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-m", "agi_screen"]

    @property
    def can_run(self) -> bool:
        return not subprocess.run([*self.command, "check", "--help"], capture_output=True, check=False).returncode


async def test_folder_that_may_not_be_written(lab: Lab, desk: Desk, open_folder: Path) -> None:
    daemon = AsNobody(lab, open_folder)
    if not daemon.can_run:
        pytest.skip("nobody may run this Python")
    daemon.log = open_folder / "daemon.log"
    with daemon:
        await reaches(lab, desk)
        assert "WITHOUT lists and passes" in daemon.said
        assert "Permission denied: give the user of the daemon write permission" in daemon.said
        assert "commands cannot reach this daemon" in daemon.said
        open_folder.chmod(0o777)
        await until(lambda: (open_folder / "agi-screen.db").exists() and _callers(open_folder / "agi-screen.db"), 60)


def test_a_lie_of_the_control_socket_is_none(lab: Lab, tmp_path: Path) -> None:
    """A command whose database is not the daemon's any more is told so."""
    with OnDisk(lab, tmp_path) as daemon:
        database = tmp_path / "agi-screen.db"
        shutil.copyfile(database, tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(database)
        with pytest.raises(ControlError, match="another file took its place: restart the daemon"):
            ask(tmp_path / "agi-screen-control.sock", {"do": "lists"})
        assert daemon.pid
