"""What SQLite says, in words of the file and the mend; no raw sqlite3 exception leaves the store."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agi_screen.base.errors import StoreError

DAMAGE = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"})
_MENDS = {
    "SQLITE_READONLY": "give the user of the daemon write permission on the file and its folder",
    "SQLITE_PERM": "give the user of the daemon write permission on the file and its folder",
    "SQLITE_AUTH": "give the user of the daemon write permission on the file and its folder",
    "SQLITE_CANTOPEN": "make its folder, writable for the user of the daemon, or change [store] path",
    "SQLITE_FULL": "free space on the disk of this file",
    "SQLITE_IOERR": "free space on the disk of this file, and look into the system's log for errors of the disk",
    "SQLITE_BUSY": "end the other program that holds this file locked",
    "SQLITE_LOCKED": "end the other program that holds this file locked",
    "SQLITE_CORRUPT": "restart the daemon: it sets the damaged file aside and keeps the lists it can read",
    "SQLITE_NOTADB": "restart the daemon: it sets the damaged file aside and starts a fresh one",
}
_OF_SYSTEM = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "SQLITE_READONLY"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.EISDIR), "SQLITE_CANTOPEN"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "SQLITE_FULL"),
    errno.EIO: "SQLITE_IOERR",
}


def code_of(error: sqlite3.Error) -> str:
    """The primary name of an error, e.g. SQLITE_IOERR of SQLITE_IOERR_WRITE; empty for Python's own."""
    name: str = getattr(error, "sqlite_errorname", "")
    return "_".join(name.split("_")[:2])


def is_damage(error: sqlite3.Error) -> bool:
    """True when the file itself is broken."""
    return code_of(error) in DAMAGE


def store_error(path: Path, error: Exception) -> StoreError:
    """The error a person reads: the path, what SQLite said, and the mend."""
    if isinstance(error, OSError):
        code, said = _OF_SYSTEM.get(error.errno or 0, ""), error.strerror or str(error)
    else:
        code = code_of(error) if isinstance(error, sqlite3.Error) else ""
        said = f"{error} ({code})" if code else str(error)
    return StoreError(f"{path}: {said}: {_MENDS.get(code, 'run `agi-screen doctor`')}")


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Turns what sqlite3, aiosqlite and the file system raise into StoreError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise store_error(path, error) from error
    except ValueError as error:  # a word in a row that is none of ours; aiosqlite's for a closed connection
        raise StoreError(f"{path}: {error}: run `agi-screen doctor`") from error
