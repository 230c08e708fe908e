"""What was installed, in a small file below the prefix: scripts/uninstall takes away what it names, and no more.

It is written before each change, so that nothing put here is ever forgotten; and what it says is looked at again before
anything is removed, so that a file that the admin changed since is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.install_.errors import InstallError
from scripts.install_.hand import Hand

NAME = "installed.json"
PARTS = ("files", "folders", "blocks", "links", "marks")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Kept:
    """Paths are those inside the tree. `files`: path → digests we wrote. `marks`: what has no file of its own."""

    def __init__(self, path: Path, values: Mapping[str, Any]) -> None:
        self.path = path
        self.files: dict[str, list[str]] = dict(values.get("files", {}))
        self.folders: dict[str, str] = dict(values.get("folders", {}))  # path → what it holds
        self.blocks: dict[str, list[str]] = dict(values.get("blocks", {}))
        self.links: dict[str, str] = dict(values.get("links", {}))
        self.marks: dict[str, str] = dict(values.get("marks", {}))
        self._saved = self._text()

    @classmethod
    def load(cls, folder: Path) -> Kept:
        path = folder / NAME
        try:
            return cls(path, json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return cls(path, {})
        except (OSError, ValueError) as error:
            mend = "bring it back from a backup; without it nobody knows what is ours and what is yours"
            raise InstallError(f"{path}: {error}", mend) from error

    def _text(self) -> str:
        return json.dumps({part: getattr(self, part) for part in PARTS}, indent=1, sort_keys=True) + "\n"

    def taken_down(self) -> bytes:
        """The whole text; whoever asks for it writes it."""
        self._saved = self._text()
        return self._saved.encode()

    def save(self, hand: Hand) -> None:
        """Where it changed."""
        text = self._text()
        if text != self._saved:
            hand.write(self.path, text.encode(), 0o600)
            self._saved = text

    def only_held(self, folders: dict[str, str], kinds: tuple[str, ...]) -> None:
        """Forgets all but these folders, and what is in those that hold one of the kinds: the rest is gone."""
        self.folders = folders
        self.files = {name: known for name, known in self.files.items() if self.held(Path(name), kinds)}
        self.blocks, self.links = {}, {}
        self.marks = {name: value for name, value in self.marks.items() if name in ("user", *kinds)}

    def held(self, path: Path, kinds: tuple[str, ...]) -> bool:
        """It lies in a folder that holds one of the kinds, of our making or not."""
        folders = [folder for folder, holds in self.folders.items() if holds in kinds]
        folders += [self.marks[kind] for kind in kinds if kind in self.marks]
        return any(path.is_relative_to(folder) for folder in folders)

    def ours(self, path: Path, content: bytes) -> bool:
        """We wrote that file so, at this or an earlier version."""
        return digest(content) in self.files.get(str(path), ())

    def note_file(self, path: Path, content: bytes) -> None:
        known = self.files.setdefault(str(path), [])
        if digest(content) not in known:
            known.append(digest(content))
