"""Asterisk's own configuration files, read by pyst2's `asterisk.config`.

pyst2 splits a file into categories and items, and no more: it stops with an error at `#include`, at templates
(`[desk](!)`, `[operator](desk)`) and at lines without `=`; it takes the `;` of `\\;` for a comment, knows no block
comments, opens whatever the name leads to (a named pipe would hold it for ever), and reads in the locale's encoding. So
it is given lines in which all that is already done, and each item keeps the file and line it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from asterisk.config import Category, Config, Item

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 8  # of files that include each other
SEMICOLON = "\ue000"  # stands for `\;` on its way through pyst2
_HEADER = re.compile(r"\[([^\]]*)\]\s*(?:\(([^)]*)\))?\s*(?:;.*)?")
_INCLUDE = re.compile(r"#\s*(include|tryinclude|exec)\s+[\"<]?([^\">;]+)[\">]?", re.IGNORECASE)


class Entry(NamedTuple):
    """`key = value`, and where it stands."""

    key: str
    value: str
    place: str


@dataclass(slots=True)
class Section:
    """One `[name]`; those of a template come first. The same name may come again, as in pjsip.conf."""

    name: str
    template: bool = False
    entries: list[Entry] = field(default_factory=list)

    def get(self, key: str, default: str = "") -> str:
        """The last value of a key, as Asterisk takes it."""
        return next((entry.value for entry in reversed(self.entries) if entry.key.lower() == key), default)

    def all(self, *keys: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.key.lower() in keys]


@dataclass(frozen=True, slots=True)
class AsteriskConf:
    """One file with all it includes. `problems`: what was not found, not readable or not understood."""

    path: Path
    sections: tuple[Section, ...]
    problems: tuple[str, ...]
    read: bool

    def named(self, name: str) -> Section:
        """All sections of this name as one; empty where there is none."""
        found = Section(name)
        for section in self.sections:
            if section.name == name and not section.template:
                found.entries += section.entries
        return found

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(section.name for section in self.sections if not section.template))

    @classmethod
    def load(cls, folder: Path, name: str) -> AsteriskConf:
        """Never raises: what cannot be read is a problem."""
        lines = _Lines(folder)
        lines.take(folder / name, 0)
        sections = _sections(lines) if lines.lines else ()
        return cls(folder / name, sections, tuple(lines.problems), read=lines.read)


class _Line(NamedTuple):
    text: str
    place: str
    options: str = ""  # what stands in brackets behind a [category]


class _Lines:
    """The lines of a file and its includes, made fit for pyst2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[_Line] = []
        self.problems: list[str] = []
        self.read = False

    def take(self, path: Path, depth: int) -> None:
        try:
            text = _text(path)
        except (OSError, ValueError) as error:
            self.problems.append(f"{path}: {getattr(error, 'strerror', None) or error}")
            return
        self.read = self.read or depth == 0
        for number, line in enumerate(_without_blocks(text.replace("\\;", SEMICOLON)).split("\n"), 1):
            self._line(line.strip(), f"{path}:{number}", depth)

    def _line(self, line: str, place: str, depth: int) -> None:
        if not line or line[0] == ";":
            return
        if line[0] == "#":
            self._include(line, place, depth)
        elif header := _HEADER.fullmatch(line):
            self.lines.append(_Line(f"[{header[1].strip()}]", place, header[2] or ""))
        elif line[0] != "[" and "=" in line.partition(";")[0]:
            self.lines.append(_Line(line, place))
        else:
            self.problems.append(f"{place}: neither [category] nor name = value")

    def _include(self, line: str, place: str, depth: int) -> None:
        found = _INCLUDE.match(line)
        if found is None or depth >= MAX_DEPTH:
            self.problems.append(f"{place}: not followed" if found else f"{place}: not understood")
            return
        word, name = found[1].lower(), found[2].strip()
        if word == "exec":
            self.problems.append(f"{place}: what #exec prints is not looked at")
            return
        paths = _matching(self.folder, name)
        for path in paths:
            self.take(path, depth + 1)
        if not paths and word == "include" and not any(sign in name for sign in "*?["):
            self.problems.append(f"{place}: {name} is not there: Asterisk reads nothing of this file")


def _matching(folder: Path, name: str) -> list[Path]:
    """The files an include names; from Asterisk's own folder on, as Asterisk takes it."""
    path = folder / name
    if any(sign in name for sign in "*?["):
        return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return [path] if path.is_file() else []


def _text(path: Path) -> str:
    """OSError or ValueError where it is no file of text of a sane size."""
    if not path.exists():
        raise FileNotFoundError(2, "not there")
    if not path.is_file():
        raise ValueError("not a file")
    with path.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes")
    return content.decode("utf-8", "replace").replace(SEMICOLON, "?")


def _without_blocks(text: str) -> str:
    """Block comments, `;--` to `--;`, become empty lines: the numbers of the others stay."""
    return re.sub(r";--(?!-).*?--;", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL)


class _PreparedConfig(Config):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's parser over lines that are already in memory."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self._prepared = lines
        super().__init__(name)

    def load(self) -> None:
        self.raw_lines = self._prepared


def _sections(lines: _Lines) -> tuple[Section, ...]:
    parsed = _PreparedConfig(str(lines.folder), [line.text for line in lines.lines])
    sections: list[Section] = []
    for line in parsed.lines:
        source = lines.lines[line.number - 1]
        if isinstance(line, Category):
            sections.append(_opened(line.name, source.options, sections))
        elif isinstance(line, Item) and sections:
            value = line.value.strip().replace(SEMICOLON, ";")
            sections[-1].entries.append(Entry(line.name.strip(), value, source.place))
    return tuple(sections)


def _opened(name: str, options: str, before: list[Section]) -> Section:
    """A new section with what its templates hold; `(+)` goes on with an earlier one, which counts the same here."""
    words = [word.strip() for word in options.split(",") if word.strip()]
    section = Section(name, template="!" in words)
    for word in words:
        for base in before:
            if base.name == word:
                section.entries += base.entries
    return section


class AsteriskEtc:
    """Asterisk's configuration folder; each file is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, AsteriskConf] = {}

    def __getitem__(self, name: str) -> AsteriskConf:
        if name not in self._read:
            self._read[name] = AsteriskConf.load(self.folder, name)
        return self._read[name]

    def directory(self, name: str, default: Path) -> Path:
        """One of asterisk.conf's [directories]. Debian ships them as a template, which is not in force."""
        value = self["asterisk.conf"].named("directories").get(name)
        return Path(value) if value else default


def extensions(conf: AsteriskConf) -> Iterator[tuple[str, str, Entry]]:
    """Each step of a dialplan: context, extension (`same` is that of the line before), and its entry."""
    for section in conf.sections:
        extension = ""
        for entry in section.entries:
            if entry.key.lower() == "exten":
                extension = entry.value.partition(",")[0].strip()
            if entry.key.lower() in {"exten", "same"}:
                yield section.name, extension, entry
