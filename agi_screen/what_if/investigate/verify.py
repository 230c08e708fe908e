"""Whether an evidence pack is still what its hashes say. A pack is a stranger's file: nothing of it is unpacked to
disk, and no more is read of a file than it says it holds."""

from __future__ import annotations

import hashlib
import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.text import escape
from agi_screen.what_if.investigate.pack import MANIFEST, hash_of

_MOST_MANIFEST = 1_048_576
_PIECE = 1_048_576
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    OSError,
    UnicodeDecodeError,
)


class PackError(AgiScreenError):
    """The file is no evidence pack, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`differs` names each file that is not as the manifest says, and how; the hashes are those of now."""

    files: int
    manifest: str
    zip: str
    differs: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.differs


def beside(path: Path) -> Path:
    """The file with the pack's own hash."""
    return path.with_name(f"{path.name}.sha256")


def verify(path: Path) -> Checked:
    """Reads the whole pack. Raises PackError when there is nothing to compare."""
    try:
        whole = hash_of(path)
        with zipfile.ZipFile(path) as archive:
            return _checked(archive, path, whole)
    except _BROKEN as error:
        raise PackError(f"{path}: is no evidence pack, or cannot be read: {escape(str(error))}") from error


def _checked(archive: zipfile.ZipFile, path: Path, whole: str) -> Checked:
    named = Counter(archive.namelist())
    if not named[MANIFEST] or archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
        raise PackError(f"{path}: has no {MANIFEST}, so it is no evidence pack")
    text = archive.read(MANIFEST)
    lines = [_LINE.fullmatch(line) for line in text.decode("utf-8").splitlines()]
    listed = {line[2]: line[1] for line in lines if line}
    differs = [] if all(lines) and listed else [f"{MANIFEST}: has lines that are not `hash  name`"]
    differs += [f"{escape(name)}: is there {times} times" for name, times in named.items() if times > 1]
    differs += [f"{escape(name)}: is not in the manifest" for name in named if name not in listed and name != MANIFEST]
    for name, expected in sorted(listed.items()):
        differs += _differs(archive, name, expected) if named[name] else [f"{escape(name)}: is missing"]
    differs += _whole_differs(path, whole)
    return Checked(len(listed), hashlib.sha256(text).hexdigest(), whole, tuple(differs))


def _differs(archive: zipfile.ZipFile, name: str, expected: str) -> list[str]:
    found = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while piece := file.read(_PIECE):
                found.update(piece)
    except _BROKEN as error:
        return [f"{escape(name)}: was changed: cannot be unpacked ({escape(str(error))})"]
    return [] if found.hexdigest() == expected else [f"{escape(name)}: was changed: its SHA-256 is {found.hexdigest()}"]


def _whole_differs(path: Path, whole: str) -> list[str]:
    """The zip itself, where its hash was left beside it: it covers what is no file's content too."""
    try:
        said = beside(path).read_text(encoding="ascii")[:64]
    except (OSError, UnicodeDecodeError):
        return []
    return [] if said == whole else [f"{path.name}: is not the file that {beside(path).name} was made of"]
