"""The database file made ready before it is used: created, checked, migrated, or set aside when damaged."""

from __future__ import annotations

import glob
import logging
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from agi_screen.base.errors import StoreError
from agi_screen.base.store_errors import is_damage, said_plainly
from agi_screen.base.store_migrations import check_owner, migrate, migrations
from agi_screen.base.store_salvage import Salvage, put_back, salvage
from agi_screen.base.store_wal import committed_frames, log_size, read_frames

log = logging.getLogger("agi_screen.store")

# A whole check reads the whole file. Beyond this size only what a start depends on is checked, unless an
# earlier run met damage and left its mark: a start must stay quick with a million list entries.
WHOLE_CHECK_BYTES = 16 * 1024 * 1024
_CHECKED_TABLES = ("list_groups", "passes", "settings", "settings_history", "accounts", "tokens")
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted stands in no free page either
    "PRAGMA wal_autocheckpoint = 4000",  # 16 MiB: pages that are written again and again go to the file once
    "PRAGMA journal_size_limit = 67108864",
)
BUSY_SECONDS = 5.0


def connect(path: Path) -> sqlite3.Connection:
    """A connection as this package wants it: transactions are ours, locks are waited for."""
    conn = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in PRAGMAS:
            conn.execute(pragma)
    except sqlite3.Error:
        conn.close()
        raise
    return conn


def prepare(path: Path, now: float, *, create: bool = True, mend: bool = True) -> None:
    """Makes `path` ready. A damaged file is set aside when `mend`, which only the daemon may ask for:
    beside a running daemon it would take the file from under it."""
    with said_plainly(path):
        _create(path, create)
        try:
            _look_at_end(path)
            # Beside a running daemon the log changes while it is looked at.
            _make_ready(path, committed_frames(path) if mend else 0, now)
        except sqlite3.DatabaseError as error:
            if not (mend and is_damage(error)):
                raise
            _start_afresh(path, now, error)


Place = tuple[int, int]  # device and number of a file


def place_of(path: Path) -> Place:
    """Which file is at `path` now; it stays that one whatever its name. Raises OSError."""
    status = path.stat()
    return status.st_dev, status.st_ino


def moved(path: Path, opened: Place) -> str:
    """Why what is written into the `opened` file is not at `path`; empty where it is."""
    try:
        now = place_of(path)
    except OSError as error:
        return f"{path}: {error.strerror}: put the file, or its disk, back; meanwhile nothing is written"
    return "" if now == opened else f"{path}: another file took its place: restart the daemon, it writes nothing here"


def set_aside(path: Path) -> list[str]:
    """The names of damaged files that nobody took away yet."""
    names = (found.name for found in path.parent.glob(f"{glob.escape(path.name)}.damaged-*"))
    return sorted(name for name in names if not name.endswith("-wal"))


def suspect_mark(path: Path) -> Path:
    """The file that asks the next start for a whole check."""
    return path.with_name(f"{path.name}.suspect")


def _create(path: Path, create: bool) -> None:
    if path.exists():
        return
    if not create:
        raise StoreError(f"{path}: there is no database: start the daemon first, or change [store] path")
    # Callers' numbers are nobody else's business: WAL and shared memory take the mode of this file.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o640))
    log.info("%s: a new database is begun", path)
    folder = path.parent.stat()
    if os.geteuid() == 0 and folder.st_uid:
        # Made by root's `agi-screen list`, it must still be the daemon's to write.
        os.chown(path, folder.st_uid, folder.st_gid)


def _look_at_end(path: Path) -> None:
    """An emptied file looks like a new one, and SQLite would throw its write-ahead log away."""
    if path.stat().st_size == 0 and log_size(path):
        raise _damage("it is empty, and its write-ahead log is not")


def _look_at_log(path: Path, wanted: int, now: float) -> None:
    """What SQLite cannot read of the write-ahead log it leaves out without a word."""
    found = read_frames(path)
    if found >= wanted:
        return
    aside = Path(f"{_free_name(path, now)}.wal")
    shutil.copyfile(f"{path}-wal", aside)
    log.critical(
        "%s: its write-ahead log is damaged: %d of its %d pages, the last ones, are LOST: lists and settings may be as "
        "they were before; a copy is kept as %s",
        *(path, wanted - found, wanted, aside),
    )


def _make_ready(path: Path, logged: int = 0, now: float = 0.0) -> None:
    steps = migrations()
    with closing(connect(path)) as conn:
        check_owner(conn, path, steps[-1].number)
        _look_at_log(path, logged, now)
        _check(conn, path)
        migrate(conn, steps)


def _check(conn: sqlite3.Connection, path: Path) -> None:
    whole = suspect_mark(path).exists() or path.stat().st_size <= WHOLE_CHECK_BYTES
    names = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    checks = ["quick_check(1)"] if whole else [f"quick_check({t})" for t in _CHECKED_TABLES if t in names]
    for check in checks:
        said = conn.execute(f"PRAGMA {check}").fetchone()[0]
        if said != "ok":
            raise _damage(said)
    pages, size = (conn.execute(f"PRAGMA {word}").fetchone()[0] for word in ("page_count", "page_size"))
    if not log_size(path) and path.stat().st_size < pages * size:
        raise _damage(f"it ends too early: {pages} pages of {size} bytes are wanted")
    suspect_mark(path).unlink(missing_ok=True)


def _damage(said: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(said.replace("\n", " "))
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error


def _start_afresh(path: Path, now: float, error: sqlite3.DatabaseError) -> None:
    aside = _set_aside(path, now)
    # SQLite takes an empty file for a new one, and would delete the log beside it.
    found = salvage(aside) if aside.stat().st_size else Salvage()
    _create(path, create=True)
    _make_ready(path)
    _keep(path, found)
    log.critical("%s is damaged (%s): set aside as %s; %s; its calls stay there", path, error, aside, found)


def _keep(path: Path, found: Salvage) -> None:
    with closing(connect(path)) as conn:
        put_back(conn, found)


def _free_name(path: Path, now: float) -> Path:
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    return aside


def _set_aside(path: Path, now: float) -> Path:
    """Moves the file with its write-ahead log, which may hold its newest rows."""
    aside = _free_name(path, now)
    path.rename(aside)
    wal = Path(f"{path}-wal")
    if wal.exists():
        wal.rename(f"{aside}-wal")
    Path(f"{path}-shm").unlink(missing_ok=True)
    suspect_mark(path).unlink(missing_ok=True)
    return aside
