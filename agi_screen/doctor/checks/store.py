"""The database, a file or a server's: it opens, it can be written, its lists are of a size that is held in memory."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from agi_screen.base.errors import StoreError
from agi_screen.base.store_opening import reading
from agi_screen.base.store_place import Server
from agi_screen.doctor.finding import Finding, error, ok, warning
from agi_screen.doctor.patient import Patient

WAIT_SECONDS = 2.0
LITTLE = 200 * 1024 * 1024
LONG_LIST = 5_000_000
CLOCK_BEHIND = 120.0  # seconds that the newest record may be ahead of now
_NEWEST = "SELECT max(started) FROM calls"
_ENTRIES = "SELECT count(*) FROM list_entries"
_RIGHTS = """SELECT string_agg(relname, ', ') FROM pg_class WHERE relkind = 'r' AND relname <> 'agi_screen_schema'
AND relnamespace = current_schema()::regnamespace
AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT'))"""


def store(patient: Patient) -> Iterator[Finding]:
    """Read as any program may, beside the daemon; nothing is written."""
    path = patient.settings.database
    if not path.parent.is_dir():
        yield error("database", f"{path.parent} is not there", "make it for the daemon's user, or change [store] path")
        return
    yield from _disk(path)
    if isinstance(patient.settings.place, Server):
        yield from _server(patient.settings.place)
        return
    if not path.exists():
        yield warning("database", f"{path} is not there yet", "it is made at the daemon's first start")
        return
    yield from _content(path)


def _disk(path: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(path.parent).free
    if free < LITTLE:
        mend = "make room: records wait in memory, and are lost with the daemon"
        yield error("disk", f"{free // 2**20} MB free below {path.parent}", mend)
    else:
        yield ok("disk", f"{free / 2**30:.1f} GB free below {path.parent}")
    owner = path.parent.stat().st_uid
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if file.exists() and file.stat().st_uid != owner:
            mend = f"chown --reference={path.parent} {file}"
            yield warning(
                "database", f"{file} belongs to another user than its folder: the daemon may not write it", mend
            )
    if not os.access(path.parent, os.W_OK):
        text = f"{path.parent} cannot be written by {_who()}"
        yield warning("database", text, "fine if you are not the daemon's user; else: chown, or remount")


def _who() -> str:
    return f"user {os.geteuid()}"


def _content(path: Path) -> Iterator[Finding]:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=WAIT_SECONDS)) as connection:
            damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if _small(path) else "ok"
            (newest,) = connection.execute(_NEWEST).fetchone()
            (entries,) = connection.execute(_ENTRIES).fetchone()
    except sqlite3.Error as problem:
        mend = "run the doctor as root or the daemon's user; where the file is damaged, a restart sets it aside"
        yield error("database", f"{path}: {problem}", mend)
        return
    if damage != "ok":
        yield error("database", f"{path}: {damage}", "restart the daemon: it sets the file aside and saves what it can")
        return
    yield ok("database", f"{path} opens; {entries} list entries")
    yield from _told(entries, newest)


def _server(server: Server) -> Iterator[Finding]:
    """As a command would: nothing is made or changed."""
    try:
        with reading(server, time.time()) as connection:
            (lacking,) = connection.execute(_RIGHTS).fetchone()
            if lacking:
                mend = "grant its role SELECT, INSERT, UPDATE and DELETE: docs/postgresql.md"
                yield error("database", f"{server}: may not be written: {lacking}", mend)
                return
            (newest,) = connection.execute(_NEWEST).fetchone()
            (entries,) = connection.execute(_ENTRIES).fetchone()
    except StoreError as problem:
        said, _, mend = str(problem).rpartition(": ")
        yield error("database", said, mend)
        return
    yield ok("database", f"{server} opens; {entries} list entries")
    yield from _told(entries, newest)


def _told(entries: int, newest: float | None) -> Iterator[Finding]:
    if entries > LONG_LIST:
        yield warning("lists", f"{entries} entries are held in memory", "take out sources you do not need")
    if newest is not None and newest > time.time() + CLOCK_BEHIND:
        mend = "set the clock (timedatectl): rates, passes and expiry go by it"
        yield error("clock", f"the newest record is {newest - time.time():.0f} s in the future", mend)


def _small(path: Path) -> bool:
    return path.stat().st_size <= 16 * 2**20
