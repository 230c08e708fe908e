"""The numbered steps of the schema: each applied whole, in one transaction, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from agi_screen.base.errors import StoreError

APPLICATION_ID = 0x41475353  # "AGSS", so that another program's database is never taken for ours


@dataclass(frozen=True, slots=True)
class Migration:
    """One file `NNN_name.sql`."""

    number: int
    name: str
    sql: str

    def statements(self) -> Iterator[str]:
        """Its statements one by one: executescript() would end our transaction first."""
        statement = ""
        for line in self.sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""


def migrations(folder_name: str = "migrations") -> list[Migration]:
    """All steps in order."""
    folder = resources.files(__package__) / folder_name
    files = [f for f in folder.iterdir() if f.name.endswith(".sql")]
    found = [Migration(int(f.name[:3]), f.name, f.read_text("utf-8")) for f in files]
    return sorted(found, key=lambda m: m.number)


def version_of(conn: sqlite3.Connection) -> int:
    """The number of the last step that this database has had."""
    number: int = conn.execute("PRAGMA user_version").fetchone()[0]
    return number


def check_owner(conn: sqlite3.Connection, path: Path, newest: int) -> None:
    """Refuses another program's database, and one that newer code has changed."""
    owner = conn.execute("PRAGMA application_id").fetchone()[0]
    tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != APPLICATION_ID and (owner or tables):
        raise StoreError(f"{path}: is another program's database: change [store] path")
    version = version_of(conn)
    if version > newest:
        raise StoreError(
            f"{path}: has schema {version}, this agi-screen knows up to {newest}: "
            "install the newer agi-screen again, or restore the copy made before its upgrade"
        )


def migrate(conn: sqlite3.Connection, steps: list[Migration]) -> None:
    """Applies what is missing. Another process may do the same at the same time: the lock decides."""
    for step in steps:
        if version_of(conn) >= step.number:
            continue
        conn.execute("BEGIN IMMEDIATE")
        try:
            _apply(conn, step)
        except sqlite3.Error:
            conn.execute("ROLLBACK")
            raise
        conn.execute("COMMIT")


def _apply(conn: sqlite3.Connection, step: Migration) -> None:
    if version_of(conn) >= step.number:
        return
    for statement in step.statements():
        conn.execute(statement)
    conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    conn.execute(f"PRAGMA user_version = {step.number}")
