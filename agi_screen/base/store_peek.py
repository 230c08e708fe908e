"""The lists of a database that cannot be opened for writing, for its disk is full or read-only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from agi_screen.base.list_entries import EntryGroup
from agi_screen.base.store_errors import said_plainly
from agi_screen.base.store_lists import SELECT_GROUPS, entry_group


def peek_groups(path: Path) -> list[EntryGroup]:
    """All list entries, read without changing anything. Raises StoreError."""
    with said_plainly(path):
        try:
            return _read(path, "mode=ro")
        except sqlite3.OperationalError:
            # No write-ahead log was left, and none can be made: then all is in the file, and nobody can change it.
            if Path(f"{path}-wal").exists():
                raise
            return _read(path, "mode=ro&immutable=1")


def _read(path: Path, how: str) -> list[EntryGroup]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)) as conn:
        return [entry_group(row) for row in conn.execute(SELECT_GROUPS)]
