"""The evidence pack: one zip that says what came, how it was judged, and by which clock, with the hash of each file.

The same records and configuration give the same bytes: order, times and modes of its files are fixed, and when it was
made is not in it.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring
from pathlib import Path
from typing import IO, Any

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.store_calls import CALL_COLUMNS, END_COLUMNS
from agi_screen.base.store_range import FEEDBACK_COLUMNS, SETTING_COLUMNS, Row, StoreRange

MANIFEST = "MANIFEST"
RECORDS = "records.jsonl"
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that zip knows
_MODE = 0o100644 << 16
_LEVEL = 3
_JSON = tuple(CALL_COLUMNS.index(name) for name in ("evidence", "tampering", "conduct"))
_ENDS = len(CALL_COLUMNS)
_CALL_FORM = "{" + ",".join(f'"{name}":%s' for name in (*CALL_COLUMNS, "end")) + "}\n"
_END_FORM = "{" + ",".join(f'"{name}":%s' for name in END_COLUMNS) + "}"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Packed:
    """What to write down when the pack is handed over: SHA-256 of its MANIFEST, and of the zip as a file."""

    path: Path
    manifest: str
    zip: str


class Pack:
    """A zip being written, one file after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._hashes: dict[str, str] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[HashedFile]:
        """One more file, written piece by piece."""
        info = zipfile.ZipInfo(name, _STAMP)
        info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
        with self._archive.open(info, "w", force_zip64=True) as inner:
            hashed = HashedFile(inner)
            yield hashed
        self._hashes[name] = hashed.hexdigest()

    def text(self, name: str, text: str) -> None:
        """One more file, whole."""
        with self.file(name) as file:
            file.write(text)

    def lines(self, name: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """One more file of JSON lines."""
        with self.file(name) as file:
            for row in rows:
                file.write(_encode(dict(zip(columns, row, strict=True))) + "\n")

    def close(self) -> str:
        """Writes the manifest, in the form of sha256sum; its own hash."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._hashes.items()))
        self.text(MANIFEST, lines)
        return self._hashes[MANIFEST]


class HashedFile:
    """Text goes in as UTF-8; also a sink of rows: records.jsonl."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self._hash = hashlib.sha256()

    def write(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        self._hash.update(data)
        self._inner.write(data)

    def take(self, row: Row) -> None:
        """The whole row, and the end of its call or null."""
        self.write(record_line(row))

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def record_line(row: Row) -> str:
    """A row of `StoreRange.calls` as one line of JSON. By hand, for the encoder takes three times as long."""
    said = [*map(_said, row[:_ENDS])]
    for place in _JSON:
        said[place] = _json(row[place])
    end = "null" if row[_ENDS] is None else _END_FORM % tuple(map(_said, row[_ENDS:]))
    return _CALL_FORM % (*said, end)


def _said(value: object) -> str:
    return encode_basestring(value) if isinstance(value, str) else repr(value) if value is not None else "null"


@lru_cache(65536)
def _json(text: str) -> str:
    """What stands in the row as JSON already; a text that is none stays a text: a pack leaves nothing out."""
    try:
        return _encode(json.loads(text))
    except ValueError:
        return _said(text)


@contextmanager
def opened_pack(path: Path) -> Iterator[Pack]:
    """A pack at `path`, replaced where there is one. Raises AgiScreenError where it cannot be written."""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            yield Pack(archive)
    except OSError as error:
        raise AgiScreenError(f"{path}: cannot be written: {error}: name another folder with --output") from error


def finish(
    pack: Pack, stored: StoreRange, about: dict[str, Any], time_base: dict[str, Any], texts: dict[str, str]
) -> str:
    """Everything but the records, which are in already. Returns the manifest's hash."""
    pack.text("about.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    pack.text("time_base.json", json.dumps(time_base, indent=1, ensure_ascii=False) + "\n")
    for name, text in texts.items():
        pack.text(name, text)
    pack.lines("feedback.jsonl", FEEDBACK_COLUMNS, stored.feedback())
    pack.lines("settings_history.jsonl", SETTING_COLUMNS, stored.settings_history())
    return pack.close()


def hash_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
