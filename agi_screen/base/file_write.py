"""A file replaced whole: who reads it sees the old text or the new, whatever happens in between."""

from __future__ import annotations

import glob
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from agi_screen.base.errors import AgiScreenError, ConflictError


class WriteError(AgiScreenError):
    """The file cannot be replaced; it is as it was."""


def hash_of(text: str) -> str:
    """Tells whether a text is still the one that was looked at."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_text(path: Path) -> str:
    """With its line ends as they are. Raises WriteError."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise WriteError(f"{path}: cannot be read: {error}") from error


def replace_text(path: Path, text: str, base: str) -> None:
    """Keeps mode and owner. Raises ConflictError when the file is no longer the one whose hash is `base`, and
    WriteError; in both cases the file is as it was."""
    try:
        _replace(path, text.encode(), base)
    except OSError as error:
        mend = "the daemon's user must own the file and may write its folder (systemd: ReadWritePaths)"
        raise WriteError(f"{path}: cannot be written: {error.strerror or error}: {mend}") from error


def _replace(path: Path, body: bytes, base: str) -> None:
    kept = path.stat()
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):  # by a daemon that was killed at this
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            if (kept.st_uid, kept.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), kept.st_uid, kept.st_gid)
            os.fchmod(file.fileno(), kept.st_mode & 0o7777)
            file.flush()
            os.fsync(file.fileno())
        if hash_of(read_text(path)) != base:
            raise ConflictError(f"{path}: was changed meanwhile: look at it again")
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
