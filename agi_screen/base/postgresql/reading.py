"""One state of the database for a report: read in this thread, row by row, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import psycopg

from agi_screen.base.postgresql.connect import PgConnection, connect
from agi_screen.base.postgresql.dialect import postgresql
from agi_screen.base.postgresql.errors import said_plainly
from agi_screen.base.postgresql.schema import prepare
from agi_screen.base.store_conn import Rows
from agi_screen.base.store_place import Server

AT_ONCE = 5_000


class ServerReading:
    """`Reading`; calls that come meanwhile are not seen."""

    def __init__(self, conn: PgConnection, ends: ExitStack) -> None:
        self._conn = conn
        self._ends = ends
        self._names = (f"read{n}" for n in count())

    def execute(self, sql: str, parameters: Any = (), /) -> Rows:
        cursor = self._ends.enter_context(psycopg.RawServerCursor(self._conn, next(self._names)))
        cursor.itersize = AT_ONCE
        return cursor.execute(postgresql(sql), tuple(parameters))


@contextmanager
def server_reading(server: Server) -> Iterator[ServerReading]:
    """Raises StoreError."""
    with said_plainly(server), connect(server) as conn:
        prepare(conn, server, create=False)
        conn.execute("SET statement_timeout = 0")  # as long as a report takes; nobody waits for it
        with conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            with ExitStack() as ends:
                yield ServerReading(conn, ends)
