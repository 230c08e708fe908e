"""What a step may change: each shows itself, and does itself."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scripts.install_ import block
from scripts.install_.hand import Hand, Owner
from scripts.install_.kept import Kept
from scripts.install_.site import Site

_SECRET = re.compile(rb"^([+ -]?\s*secret\s*=\s*)\S+", re.MULTILINE)


class Change(Protocol):
    """Paths: `inside` the tree, as people know it, and `real`, where it is on this machine."""

    def shown(self) -> list[str]: ...
    def do(self, hand: Hand, kept: Kept) -> None: ...


@dataclass(frozen=True)
class Note:
    """Something to be known; nothing is changed."""

    text: str

    def shown(self) -> list[str]:
        return [self.text]

    def do(self, hand: Hand, kept: Kept) -> None:
        del hand, kept


@dataclass(frozen=True)
class Folder:
    """`holds`: program, settings or records; the latter two stay at an uninstall."""

    inside: Path
    real: Path
    mode: int
    owner: Owner | None
    holds: str = "program"

    def shown(self) -> list[str]:
        return [f"mkdir -m {self.mode:o} {self.inside}" + _owned(self.owner)]

    def do(self, hand: Hand, kept: Kept) -> None:
        kept.folders[str(self.inside)] = self.holds
        kept.save(hand)
        hand.folder(self.real, self.mode, self.owner)


def folders_to(site: Site, inside: Path, mode: int, owner: Owner | None, holds: str = "program") -> Iterator[Folder]:
    """That folder, where it is not there, and those above it that are not."""
    if not site.real(inside).is_dir():
        for path in site.missing(inside):
            yield Folder(path, site.real(path), 0o755, None)
        yield Folder(inside, site.real(inside), mode, owner, holds)


@dataclass(frozen=True)
class File:
    """A whole file of ours. `like`: what it is a copy of; its text is then not shown. `holds`: as a folder's."""

    inside: Path
    real: Path
    content: bytes
    mode: int
    owner: Owner | None
    like: str = ""
    holds: str = ""

    def shown(self) -> list[str]:
        head = f"write {self.inside} (mode {self.mode:o}{_owned(self.owner)})"
        if self.like:
            return [f"{head}: a copy of {self.like}"]
        old = self.real.read_bytes() if self.real.is_file() else b""
        return [head, *difference(self.inside, old, self.content)]

    def do(self, hand: Hand, kept: Kept) -> None:
        kept.note_file(self.inside, self.content)
        if self.holds:
            kept.marks[self.holds] = str(self.inside.parent)
        kept.save(hand)
        hand.write(self.real, self.content, self.mode, self.owner)


@dataclass(frozen=True)
class Files:
    """Many small files of one folder, shown in a line."""

    text: str
    files: tuple[File, ...]
    folders: tuple[Folder, ...] = ()

    def shown(self) -> list[str]:
        return [self.text]

    def do(self, hand: Hand, kept: Kept) -> None:
        for folder in self.folders:
            kept.folders[str(folder.inside)] = folder.holds
        for file in self.files:
            kept.note_file(file.inside, file.content)
        kept.save(hand)
        for folder in self.folders:
            hand.folder(folder.real, folder.mode, folder.owner)
        for file in self.files:
            hand.write(file.real, file.content, file.mode, file.owner)


@dataclass(frozen=True)
class Block:
    """Our lines in a file of the admin's. Owner and mode stay; the file as it was is kept once."""

    inside: Path
    real: Path
    lines: tuple[str, ...]
    backups: Path
    like: Path  # whose owner and mode a new file gets

    def _texts(self) -> tuple[bytes, bytes]:
        old = self.real.read_bytes() if self.real.exists() else b""
        return old, block.put(old, [line.encode() for line in self.lines])

    def shown(self) -> list[str]:
        old, new = self._texts()
        return [f"edit {self.inside}", *difference(self.inside, old, new)]

    def do(self, hand: Hand, kept: Kept) -> None:
        old, new = self._texts()
        target = self.real.resolve()  # a link stays one
        if str(self.inside) not in kept.blocks and target.exists():
            hand.write(self.backups / str(self.inside).strip("/").replace("/", "!"), old, 0o600)
        kept.blocks.setdefault(str(self.inside), [])
        kept.blocks[str(self.inside)] = sorted({*kept.blocks[str(self.inside)], *self.lines})
        if not target.exists():
            kept.marks[f"made {self.inside}"] = "yes"
        kept.save(hand)
        status = (target if target.exists() else self.like).stat()
        hand.write(target, new, status.st_mode & 0o7777, (status.st_uid, status.st_gid))


@dataclass(frozen=True)
class Link:
    inside: Path
    real: Path
    target: str

    def shown(self) -> list[str]:
        return [f"ln -sfn {self.target} {self.inside}"]

    def do(self, hand: Hand, kept: Kept) -> None:
        kept.links[str(self.inside)] = self.target
        kept.save(hand)
        hand.link(self.real, self.target)


@dataclass(frozen=True)
class Command:
    """`marks` are set before it (an undo may be needed whatever becomes of it), `after` when it has ended well."""

    line: tuple[str, ...]
    mend: str
    marks: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()

    def shown(self) -> list[str]:
        return [" ".join(self.line)]

    def do(self, hand: Hand, kept: Kept) -> None:
        kept.marks.update(self.marks)
        kept.save(hand)
        hand.run(list(self.line), self.mend)
        kept.marks.update(self.after)
        kept.save(hand)


def _owned(owner: Owner | None) -> str:
    return "" if owner is None else f", owner {owner[0]}:{owner[1]}"


def difference(path: Path, old: bytes, new: bytes) -> list[str]:
    """As `diff -u` shows it; secrets are not."""
    before, after = (_SECRET.sub(rb"\1***", text).decode(errors="replace").splitlines() for text in (old, new))
    return list(difflib.unified_diff(before, after, str(path), str(path), lineterm="", n=1))
