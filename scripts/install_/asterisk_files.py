"""Asterisk's configuration read as far as an install needs it: includes followed, sections, values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MAX_DEPTH = 8
_INCLUDE = re.compile(r"#\s*(?:try)?include\s+[\"<]?([^\">;]+)[\">]?", re.IGNORECASE)
_SECTION = re.compile(r"\[([^\]]+)\]\s*(\([^)]*\))?")


class Line(NamedTuple):
    """Without its comment; `section` is the one it stands in."""

    path: Path
    number: int
    section: str
    text: str


class Asterisk:
    """One configuration folder. `inside` is its path in the tree, as its own files name it; `folder` where that is."""

    def __init__(self, folder: Path, inside: Path) -> None:
        self.folder = folder
        self._inside = inside

    def lines(self, name: str) -> list[Line]:
        """Of a file and all it includes; none of a file that is not there."""
        return list(self._walk(self.folder / name, [""], 0))

    def _walk(self, path: Path, section: list[str], depth: int) -> Iterator[Line]:
        if depth > MAX_DEPTH or not path.is_file():
            return
        text = path.read_text(encoding="utf-8", errors="replace")
        text = re.sub(r";--(?!-).*?--;", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL)
        for number, line in enumerate(text.split("\n"), 1):
            bare = re.sub(r"(?<!\\);.*", "", line).strip()
            if not bare:
                continue
            header = _SECTION.match(bare)
            if header is not None:
                template = "!" in (header[2] or "")
                section[0] = f"{header[1].strip()}(!)" if template else header[1].strip()
            yield Line(path, number, section[0], bare)
            if included := _INCLUDE.match(bare):
                for file in self._named(included[1].strip()):
                    yield from self._walk(file, section, depth + 1)

    def _named(self, name: str) -> list[Path]:
        if name.startswith("/") and Path(name).is_relative_to(self._inside):
            name = str(Path(name).relative_to(self._inside))
        if _has_signs(name):
            return sorted(self.folder.glob(name)) if not name.startswith("/") else []
        return [self.folder / name]

    def reaches(self, name: str, file: Path) -> bool:
        """Whether reading `name` reads that file too, or would, were it there."""
        for line in self.lines(name):
            found = _INCLUDE.match(line.text)
            if found is None:
                continue
            wanted = found[1].strip()
            if file in self._named(wanted) or (_has_signs(wanted) and file.match(str(self.folder / wanted))):
                return True
        return False

    def value(self, name: str, section: str, key: str) -> str | None:
        """The last one, as Asterisk takes it."""
        found = None
        for line in self.lines(name):
            word, equals, value = line.text.partition("=")
            if equals and line.section == section and word.strip().lower() == key.lower():
                found = value.removeprefix(">").strip()
        return found

    def has_section(self, name: str, section: str) -> bool:
        return any(line.section == section for line in self.lines(name))


def _has_signs(name: str) -> bool:
    return any(sign in name for sign in "*?[")
