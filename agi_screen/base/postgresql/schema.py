"""The tables made and migrated by the same numbered steps as the file's; who comes at the same time waits."""

from __future__ import annotations

from typing import Any

from agi_screen.base.errors import StoreError
from agi_screen.base.postgresql.connect import PgConnection
from agi_screen.base.store_migrations import Migration, migrations
from agi_screen.base.store_place import Server

_LOCK = "SELECT pg_advisory_xact_lock(1095193428)"
_VERSION = "SELECT max(number) FROM agi_screen_schema"
_TABLES = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"


def steps() -> list[Migration]:
    """All steps in order."""
    return migrations("migrations/postgresql")


def prepare(conn: PgConnection, server: Server, *, create: bool) -> None:
    """Makes the database ready, or raises StoreError."""
    todo = steps()
    _check_text(conn, server)
    ours = _is_ours(conn)
    if ours and version_of(conn, server) == todo[-1].number:
        return
    if not (create or ours):
        raise StoreError(
            f"{server}: there is no database of agi-screen yet: start the daemon first, or change [store] url"
        )
    with conn.transaction():
        conn.execute(_LOCK)
        now = version_of(conn, server)
        for step in todo:
            if step.number > now:
                conn.execute(step.sql)
                conn.execute("INSERT INTO agi_screen_schema (number) VALUES ($1)", (step.number,))


def version_of(conn: PgConnection, server: Server) -> int:
    """The last step that this database has had, 0 for none. Refuses what is not ours, or newer than we are."""
    newest = steps()[-1].number
    if not _is_ours(conn):
        if _one(conn, _TABLES):
            mend = "name a database of its own in [store] url, or a schema: ?options=-csearch_path%3Dagi_screen"
            raise StoreError(f"{server}: holds tables of another program: {mend}")
        return 0
    version: int = _one(conn, _VERSION) or 0
    if version > newest:
        raise StoreError(
            f"{server}: has schema {version}, this agi-screen knows up to {newest}: "
            "install the newer agi-screen here too, or restore the copy made before its upgrade"
        )
    return version


def _check_text(conn: PgConnection, server: Server) -> None:
    encoding = _one(conn, "SHOW server_encoding")
    if encoding != "UTF8":
        raise StoreError(f"{server}: its text is {encoding}: make a database with ENCODING 'UTF8' TEMPLATE template0")
    if _one(conn, "SELECT current_schema()") is None:
        raise StoreError(f"{server}: no schema of its search_path is there: make it, or change [store] url")


def _is_ours(conn: PgConnection) -> bool:
    # Not to_regclass(): what that does not find it takes for missing still when another has just made it.
    return bool(_one(conn, f"{_TABLES} AND relname = 'agi_screen_schema'"))


def _one(conn: PgConnection, sql: str) -> Any:
    found = conn.execute(sql).fetchone()
    return found[0] if found else None
