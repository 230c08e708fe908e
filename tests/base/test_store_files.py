"""The file that is missing, foreign, too new, unwritable or full: said plainly, with the mend."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agi_screen.base.errors import StoreError
from agi_screen.base.store import Store
from agi_screen.base.store_files import connect, prepare
from agi_screen.base.store_migrations import Migration, migrate, migrations, version_of
from tests.base.filled import CLOCK, filled
from tests.made import NOON, an_entry

DISK_FULL = """
import asyncio, resource, sys
from pathlib import Path
from agi_screen.base.clock import SystemClock
from agi_screen.base.errors import StoreError
from agi_screen.base.store import Store
from agi_screen.base.store_search import CallFilter
from tests.made import a_call

async def main():
    store = await Store.open(Path(sys.argv[1]), clock=SystemClock())
    await store.save_calls([a_call("before")])
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        for n in range(100):
            await store.save_calls([a_call(f"c{n}-{k}") for k in range(100)])
    except StoreError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.save_calls([a_call("after")])
    print(len(await store.calls(CallFilter(id="before"))), len(await store.calls(CallFilter(id="after"))), n)
    await store.close()

asyncio.run(main())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, for tests that give up root's rights."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may write anything: be somebody else until the end of the test."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    yield
    os.seteuid(was)


def test_every_migration_is_applied_from_nothing(path: Path) -> None:
    prepare(path, NOON)
    conn = connect(path)
    assert version_of(conn) == migrations()[-1].number
    assert conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    conn.close()
    assert path.stat().st_mode & 0o077 == 0o040 & 0o777  # no stranger reads who called
    assert [m.number for m in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    prepare(path, NOON)
    conn = connect(path)
    before = version_of(conn)
    broken = Migration(before + 1, "broken", "CREATE TABLE half (x);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(conn, [broken])
    assert version_of(conn) == before
    assert conn.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0
    whole = Migration(before + 1, "whole", "CREATE TABLE half (x);\n-- two\nINSERT INTO half VALUES (1);")
    migrate(conn, [whole])
    migrate(conn, [whole])
    assert (version_of(conn), conn.execute("SELECT count(*) FROM half").fetchone()[0]) == (before + 1, 1)
    conn.close()


async def test_many_may_open_a_new_file_at_once(path: Path) -> None:
    stores = await asyncio.gather(*(Store.open(path, clock=CLOCK) for _ in range(8)))
    await stores[0].add_entries([an_entry("+1")])
    assert await stores[7].entries() == [an_entry("+1")]
    for store in stores:
        await store.close()


async def test_a_newer_database_is_refused_and_left_alone(path: Path) -> None:
    await filled(path, entries=3)
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA user_version = 999")
    conn.close()
    with pytest.raises(StoreError, match=r"agi-screen\.db: has schema 999, .*install the newer"):
        await Store.open(path, clock=CLOCK)
    assert not list(path.parent.glob("*.damaged*"))


async def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE astdb (key, value)")
    conn.close()
    with pytest.raises(StoreError, match="another program's database: change"):
        await Store.open(path, clock=CLOCK)
    conn = sqlite3.connect(path)
    assert conn.execute("SELECT name FROM sqlite_master").fetchall() == [("astdb",)]
    conn.close()


@pytest.mark.parametrize("where", ["no/folder/x.db", "file/x.db", "."])
async def test_a_path_where_no_file_can_be(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as caught:
        await Store.open(tmp_path / where, clock=CLOCK)
    assert str(tmp_path / where) in str(caught.value)


async def test_without_create_a_missing_file_stays_missing(path: Path) -> None:
    with pytest.raises(StoreError, match="start the daemon first"):
        await Store.open(path, clock=CLOCK, create=False)
    assert not os.path.lexists(path)


async def test_a_folder_that_may_not_be_written(open_folder: Path, nobody: None) -> None:
    with pytest.raises(StoreError, match=r"Permission denied: give the user"):
        await Store.open(open_folder / "x.db", clock=CLOCK)


def _lock_up(path: Path) -> None:
    path.chmod(0o444)
    path.parent.chmod(0o555)


async def test_a_file_that_may_not_be_written(open_folder: Path, request: pytest.FixtureRequest) -> None:
    path = open_folder / "x.db"
    await filled(path, entries=1)
    _lock_up(path)
    request.getfixturevalue("nobody")
    with pytest.raises(StoreError, match=r"x\.db: .*(READONLY|CANTOPEN).*writable|write permission"):
        await Store.open(path, clock=CLOCK)


async def test_a_closed_store_says_so(path: Path) -> None:
    store = await Store.open(path, clock=CLOCK)
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="is closed"):
        await store.entries()


def test_a_full_disk_is_told_and_survived(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    told, counts = done.stdout.splitlines()
    assert f"{path}: " in told
    assert "free space on the disk" in told
    before, after, batches = map(int, counts.split())
    assert (before, after) == (1, 1)
    assert 0 < batches < 99
