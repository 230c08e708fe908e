"""A connection as this package wants it: every wait of it ends."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.numeric import FloatBinaryDumper, Int8BinaryDumper

from agi_screen.base.postgresql.dialect import postgresql
from agi_screen.base.store_place import Server

CONNECT_SECONDS = 5
LOCK_SECONDS = 5
STATEMENT_SECONDS = 10
# The server is gone without a word (a cut cable): noticed by the kernel after this.
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 15_000}
_SET = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": "60s",  # a daemon that is stopped in the middle must not hold up others
    "client_encoding": "UTF8",
}

PgConnection = psycopg.Connection[tuple[Any, ...]]


def connect(server: Server) -> PgConnection:
    """Transactions are ours. Raises psycopg.Error."""
    more: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": f"agi-screen {server.node}",
        **_KEEPALIVE,
    }
    if password := server.password.get_secret_value():
        more["password"] = password
    conn = psycopg.connect(server.url, autocommit=True, cursor_factory=psycopg.RawCursor, **more)
    # One type a column, whatever the figure: a statement is planned once, and not for each mixture of sizes.
    conn.adapters.register_dumper(int, Int8BinaryDumper)
    conn.adapters.register_dumper(float, FloatBinaryDumper)
    try:
        values = {**_SET, "agi_screen.node": server.node}
        marks = ", ".join(f"set_config('{name}', ?, false)" for name in values)
        conn.execute(postgresql(f"SELECT {marks}"), list(values.values()))  # not at the start: poolers refuse that
    except psycopg.Error:
        conn.close()
        raise
    return conn
