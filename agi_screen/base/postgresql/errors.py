"""What PostgreSQL says, in words of the database and the mend; no raw psycopg exception leaves the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from agi_screen.base.errors import StoreError
from agi_screen.base.store_place import Server

_CONNECT = "see that PostgreSQL runs there, and that [store] url and its password are right"
_ROLE = "give the role of [store] url its rights: docs/postgresql.md"
# By the error's SQLSTATE, else by its class, the first two characters.
_MENDS = {
    "": _CONNECT,
    "08": _CONNECT,
    "28": _CONNECT,
    "3D": "make this database, or change [store] url",
    "42501": _ROLE,
    "3F": _ROLE,
    "42P01": "a table is missing: start the daemon, which makes it",
    "25006": "it only lets itself be read: name the primary server in [store] url",
    "53100": "free space on the disk of the database",
    "53300": "the server lets nobody in any more: raise its max_connections, or end other programs",
    "55P03": "another program holds a lock: end it",
    "57014": "the server took too long: look for its load, and for who locks",
    "57": "the server was stopped: start it again",
    "40": "try again: another program changed the same",
}


def server_error(server: Server, error: Exception) -> StoreError:
    """The error a person reads: the database, what it said, and the mend. libpq tells no password."""
    state = (error.sqlstate or "") if isinstance(error, psycopg.Error) else ""
    said = "; ".join(filter(None, (line.strip() for line in str(error).splitlines()[:2])))
    mend = _MENDS.get(state) or _MENDS.get(state[:2], "run `agi-screen doctor`")
    return StoreError(f"{server}: {said or type(error).__name__}{f' ({state})' if state else ''}: {mend}")


@contextmanager
def said_plainly(server: Server) -> Iterator[None]:
    """Turns what psycopg raises into StoreError."""
    try:
        yield
    except (psycopg.Error, OSError) as error:
        raise server_error(server, error) from error
    except (ValueError, OverflowError) as error:  # a word in a row that is none of ours
        raise StoreError(f"{server}: {error}: run `agi-screen doctor`") from error
