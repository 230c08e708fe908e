"""Which files beside the database name a caller: reports, packs, what was set aside, copies. Told, never guessed."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

LEAST = 7  # signs of a name that is looked for: shorter ones stand everywhere
_CHUNK = 1 << 20


def files_naming(folder: Path, names: Sequence[str], *, besides: Sequence[str] = ()) -> list[Path]:
    """The files of a folder, those in zips too, in which one of the names stands. `besides`: names of files that are
    not looked at. What cannot be read is passed over. Takes as long as the disk: not for the loop."""
    wanted = [name.encode() for name in names if len(name) >= LEAST]
    if not wanted:
        return []
    return [path for path in _files(folder) if path.name not in besides and _names(path, wanted)]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        try:
            if stat.S_ISREG(path.lstat().st_mode):
                yield path
        except OSError:  # gone meanwhile
            continue


def _names(path: Path, wanted: Sequence[bytes]) -> bool:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return any(_found(archive.open(member), wanted) for member in archive.namelist())
        with path.open("rb") as file:
            return _found(file, wanted)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):  # not to be read: encrypted, damaged
        return False


def _found(file: IO[bytes], wanted: Sequence[bytes]) -> bool:
    longest, tail = max(map(len, wanted)), b""
    with file:
        while chunk := file.read(_CHUNK):
            tail += chunk
            if any(name in tail for name in wanted):
                return True
            tail = tail[-longest:]
    return False
