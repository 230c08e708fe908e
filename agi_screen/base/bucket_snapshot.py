"""The file form of a bucket table: framed pieces, each with a digest over all before it, so no part can be changed,
left out, put twice or cut off unseen. Times are what is left until full, so any later clock can read them."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from agi_screen.base.bucket_limits import SnapshotError

MAGIC: Final = b"agi-screen buckets 1\n"
PIECE_LINES: Final = 2048  # about 0.2 ms under the lock
PIECE_BYTES: Final = PIECE_LINES * 5 * 16
DIGEST: Final = 16
_HEADER: Final = struct.Struct("<16sIQ?")
_FRAME: Final = struct.Struct("<I")


class Exporting(Protocol):
    """The part of a table that writes itself out."""

    def seed(self) -> bytes: ...
    def start_export(self) -> bool: ...
    def export(self, lines: int, now_ns: int) -> bytes | None: ...
    def end_export(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot whose header was read and fits; `pieces` checks each piece as it gives it."""

    seed: bytes
    wall_ns: int
    pieces: Iterator[bytes]


def write_snapshot(table: Exporting, lines: int, now_ns: int, wall_ns: int, label: str) -> Iterator[bytes]:
    """All pieces, to be written one after the other. SnapshotError: not now."""
    if not table.start_export():
        raise SnapshotError("another snapshot of these buckets is being taken; wait for its end")
    digest = MAGIC[:DIGEST]
    try:
        header = _HEADER.pack(table.seed(), lines, max(0, wall_ns), sys.byteorder == "little") + label.encode()
        digest = _chain(digest, header)
        yield MAGIC + _FRAME.pack(len(header)) + header + digest
        while (piece := table.export(PIECE_LINES, now_ns)) is not None:
            if piece:
                digest = _chain(digest, piece)
                yield _FRAME.pack(len(piece)) + piece + digest
        yield _FRAME.pack(0) + _chain(digest, b"")
    except RuntimeError as error:
        raise SnapshotError(f"{error}; take it again, reading its pieces without long pauses") from error
    finally:
        table.end_export()


def read_snapshot(file: BinaryIO, lines: int, label: str) -> Snapshot:
    """Checks the header. SnapshotError names what is wrong."""
    if file.read(len(MAGIC)) != MAGIC:
        raise SnapshotError("this is no snapshot of buckets, or one of another version")
    header, digest = _frame(file, MAGIC[:DIGEST])
    if len(header) < _HEADER.size:
        raise SnapshotError("the snapshot is damaged: its header is too short")
    seed, made_for, wall_ns, little = _HEADER.unpack_from(header)
    if little != (sys.byteorder == "little"):
        raise SnapshotError("the snapshot was made on a machine of the other byte order")
    if made_for != lines:
        raise SnapshotError(
            f"the snapshot is of a table of {made_for} lines, this one has {lines}: its capacity differs"
        )
    if header[_HEADER.size :] != label.encode():
        found = header[_HEADER.size :].decode(errors="replace")
        raise SnapshotError(f"the snapshot holds other kinds of buckets: {found!r}, expected {label!r}")
    return Snapshot(seed, wall_ns, _pieces(file, digest))


def save_snapshot(pieces: Iterator[bytes], path: Path) -> None:
    """Writes beside and renames: a crash leaves the old file whole. For the owner only: the seed is in it."""
    new = path.with_name(path.name + ".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _chain(digest: bytes, data: bytes) -> bytes:
    return blake2b(data, key=digest, digest_size=DIGEST).digest()


def _pieces(file: BinaryIO, digest: bytes) -> Iterator[bytes]:
    while True:
        piece, digest = _frame(file, digest)
        if not piece:
            break
        yield piece
    if file.read(1):
        raise SnapshotError("the snapshot is damaged: something follows its end")


def _frame(file: BinaryIO, digest: bytes) -> tuple[bytes, bytes]:
    head = file.read(_FRAME.size)
    size = _FRAME.unpack(head)[0] if len(head) == _FRAME.size else 0
    if size > PIECE_BYTES:
        raise SnapshotError(f"the snapshot is damaged: a piece of {size} bytes")
    data = file.read(size)
    found = file.read(DIGEST)
    if len(head) < _FRAME.size or len(data) < size or len(found) < DIGEST:
        raise SnapshotError("the snapshot is damaged: it ends early")
    if found != _chain(digest, data):
        raise SnapshotError("the snapshot is damaged: a digest does not match")
    return data, found
