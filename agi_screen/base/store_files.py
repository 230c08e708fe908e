"""The database file made ready before it is used: created, checked, migrated, or set aside when damaged."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from agi_screen.base.errors import StoreError
from agi_screen.base.store_errors import is_damage, said_plainly
from agi_screen.base.store_migrations import check_owner, migrate, migrations
from agi_screen.base.store_salvage import Salvage, put_back, salvage

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
            _make_ready(path)
        except sqlite3.DatabaseError as error:
            if not (mend and is_damage(error)):
                raise
            _start_afresh(path, now, error)


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
    folder = path.parent.stat()
    if os.geteuid() == 0 and folder.st_uid:
        # Made by root's `agi-screen list`, it must still be the daemon's to write.
        os.chown(path, folder.st_uid, folder.st_gid)


def _make_ready(path: Path) -> None:
    steps = migrations()
    with closing(connect(path)) as conn:
        check_owner(conn, path, steps[-1].number)
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
    suspect_mark(path).unlink(missing_ok=True)


def _damage(said: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(said.replace("\n", " "))
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error


def _start_afresh(path: Path, now: float, error: sqlite3.DatabaseError) -> None:
    aside = _set_aside(path, now)
    found = salvage(aside)
    _create(path, create=True)
    _make_ready(path)
    _keep(path, found)
    log.critical("%s is damaged (%s): set aside as %s; %s; its calls stay there", path, error, aside, found)


def _keep(path: Path, found: Salvage) -> None:
    with closing(connect(path)) as conn:
        put_back(conn, found)


def _set_aside(path: Path, now: float) -> Path:
    """Moves the file with its write-ahead log, which may hold its newest rows."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    path.rename(aside)
    wal = Path(f"{path}-wal")
    if wal.exists():
        wal.rename(f"{aside}-wal")
    Path(f"{path}-shm").unlink(missing_ok=True)
    suspect_mark(path).unlink(missing_ok=True)
    return aside
