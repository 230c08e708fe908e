"""How much of a write-ahead log was written, and how much of it SQLite reads: the difference is damage.

https://www.sqlite.org/walformat.html has the form of both files.
"""

from __future__ import annotations

import struct
import sys
from contextlib import suppress
from pathlib import Path

_HEADER = struct.Struct(">IIIIIIII")
_FRAME = struct.Struct(">IIII")
_FRAME_BYTES = 24
_MAGIC = 0x377F0682, 0x377F0683
_READ_FRAMES = 16  # where the shared memory says how many frames are good, in this machine's byte order


def log_size(path: Path) -> int:
    """Bytes of the write-ahead log of the database at `path`; 0 without one."""
    with suppress(FileNotFoundError):
        return Path(f"{path}-wal").stat().st_size
    return 0


def committed_frames(path: Path) -> int:
    """The pages of transactions that were written to their end, by the marks that each page has before it. A log
    whose own beginning is no log's counts as one page."""
    size = log_size(path)
    if size <= _HEADER.size:
        return 0
    with Path(f"{path}-wal").open("rb") as file:
        magic, _, page_size, _, *salts, _, _ = _HEADER.unpack(file.read(_HEADER.size))
        if magic not in _MAGIC or page_size < 512:
            return 1
        last = 0
        for number in range(1, (size - _HEADER.size) // (_FRAME_BYTES + page_size) + 1):
            file.seek(_HEADER.size + (number - 1) * (_FRAME_BYTES + page_size))
            _, ends, *own = _FRAME.unpack(file.read(_FRAME.size))
            # What is left of an earlier round of the log has other salts, and noise has none.
            last = number if ends and own == salts else last
    return last


def read_frames(path: Path) -> int:
    """The pages of the log that are in force while the database is open, or was just left open by a crash."""
    with suppress(FileNotFoundError), Path(f"{path}-shm").open("rb") as file:
        held = file.read(_READ_FRAMES + 4)
        return int.from_bytes(held[_READ_FRAMES:], sys.byteorder)
    return 0
