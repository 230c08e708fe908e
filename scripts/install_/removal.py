"""An uninstall: what the notes of the install name goes, each thing looked at first. Names go before what they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from scripts.install_ import block, names
from scripts.install_.changes import difference
from scripts.install_.hand import Hand
from scripts.install_.kept import NAME, Kept
from scripts.install_.options import Options
from scripts.install_.site import ACCOUNT, DIALPLAN, Site
from scripts.install_.steps.reload import RELOADS, asterisk, running
from scripts.install_.steps.units import systemd

Say = Callable[[str], None]
Told = Iterator[tuple[str, Callable[[], object]]]  # what is done, and the doing
CALLS = re.compile(r"\bagi-screen(?:-\w+)?(?:,s,1\b|\s*$)|#include\s+\S*agi_screen\.conf", re.IGNORECASE)
HOLDS_ON = ("settings", "records")


class Removal:
    """With `really` false nothing is changed: the same is said."""

    def __init__(self, options: Options, say: Say, hand: Hand | None = None) -> None:
        self.options = options
        self.kept = Kept.load(options.real(options.prefix))
        self.left: list[str] = []  # why something of the program stays
        self._say = say
        self._hand = hand or Hand()

    @property
    def etc(self) -> Path:
        """Where Asterisk's files are, as the install's notes say."""
        found = [Path(path).parent for path in self.kept.files if Path(path).name == DIALPLAN]
        found += [Path(path).parent.parent for path in self.kept.files if path.endswith(ACCOUNT)]
        return found[0] if found else self.options.asterisk_etc

    def do(self, *, really: bool) -> None:
        """Each part may be interrupted, and is begun again by the next run."""
        steps = (self._units, self._dialplan, self._blocks, self._reload, self._files, self._program, self._user)
        for step in (*steps, self._folders, self._notes):
            for text, change in step():
                self._say(f"  {text}")
                if really:
                    change()

    def _units(self) -> Told:
        mend = "see systemctl status, then run this again"
        for mark in [name for name in self.kept.marks if name.startswith("enabled ")]:
            unit = mark.split()[1]
            line = ["systemctl", "disable", "--now", unit]
            if systemd(self.options):
                yield " ".join(line), partial(self._gone, line, mend, mark)

    def _gone(self, line: list[str], mend: str, mark: str) -> None:
        """Runs what undoes a mark, and forgets it."""
        self._hand.run(line, mend)
        self.kept.marks.pop(mark, None)
        self.kept.save(self._hand)

    def _dialplan(self) -> Told:
        """Calls that are still sent through us would be cut off without the subroutine, and go on with it."""
        if not any(Path(path).name == DIALPLAN for path in self.kept.files):
            return
        site = Site(self.options_with_etc)
        ours = {line for lines in self.kept.blocks.values() for line in lines}
        theirs = [line for line in site.asterisk.lines("extensions.conf") if CALLS.search(line.text)]
        theirs = [line for line in theirs if line.path.name != DIALPLAN and line.text not in ours]
        for line in theirs:
            self.left.append(f"{line.path}:{line.number}: {line.text}")
        if theirs:
            yield (
                f"{self.etc / DIALPLAN} stays: without it, calls that your dialplan sends there would be cut off",
                _nothing,
            )

    @property
    def options_with_etc(self) -> Options:
        return Options(root=self.options.root, prefix=self.options.prefix, asterisk_etc=self.etc)

    def _blocks(self) -> Told:
        for name, lines in sorted(self.kept.blocks.items()):
            real = self.options.real(Path(name)).resolve()
            if not real.exists() or (self.left and any(DIALPLAN in line for line in lines)):
                continue
            old = real.read_bytes()
            new = block.take(old, [line.encode() for line in lines])
            if old == new:
                continue
            for line in difference(Path(name), old, new):
                yield line, _nothing
            yield f"edit {name}", partial(self._untangle, real, new, name)

    def _untangle(self, real: Path, new: bytes, name: str) -> None:
        if not new and f"made {name}" in self.kept.marks:
            self._hand.remove(real)
        else:
            status = real.stat()
            self._hand.write(real, new, status.st_mode & 0o7777, (status.st_uid, status.st_gid))

    def _reload(self) -> Told:
        site = Site(self.options_with_etc)
        if self.options.here and self.kept.blocks and running(site):
            for word in RELOADS:
                line = [*asterisk(site), word]
                mend = "look into Asterisk's log, then run this again"
                yield " ".join(line), partial(self._hand.run, line, mend)

    def _files(self) -> Told:
        """Those that are as we wrote them. Settings are the admin's as soon as they are written."""
        folders: dict[Path, list[Path]] = {}
        for name in sorted(self.kept.files):
            path, real = Path(name), self.options.real(Path(name))
            if not real.is_file() or self._stays(path):
                continue
            if self.kept.ours(path, real.read_bytes()) or self.kept.held(path, HOLDS_ON):
                folders.setdefault(path.parent, []).append(real)
            else:
                yield f"{name} was changed by others: left as it is", _nothing
        for folder, files in folders.items():
            names = " ".join(file.name for file in files[:3]) + (f" … ({len(files)} files)" if len(files) > 3 else "")
            yield f"rm {folder}/: {names}", partial(self._remove_all, files)

    def _remove_all(self, files: list[Path]) -> None:
        for file in files:
            self._hand.remove(file)

    def _stays(self, path: Path) -> bool:
        if path.name == DIALPLAN and self.left:
            return True
        if path.name == Path(ACCOUNT).name and path.parent.name == "manager.d":
            site = Site(self.options_with_etc)
            if site.asterisk.reaches("manager.conf", self.options.real(path)) and self._named_elsewhere(site):
                return True
        return self.kept.held(path, HOLDS_ON) and not self.options.purge

    def _named_elsewhere(self, site: Site) -> bool:
        """An include of the admin's own names the file: without it, Asterisk would read nothing of manager.conf."""
        ours = {line for lines in self.kept.blocks.values() for line in lines}
        texts = [line.text for line in site.asterisk.lines("manager.conf")]
        return any(ACCOUNT in text and text not in ours for text in texts)

    def _program(self) -> Told:
        prefix = self.options.real(self.options.prefix)
        for name in sorted(self.kept.links):
            real = self.options.real(Path(name))
            if real.is_symlink():
                yield f"rm {name}", partial(self._hand.remove, real)
        for folder in ("releases", "backups"):
            if (prefix / folder).is_dir() and not (folder == "backups" and self.left):
                text = f"rm -r {self.options.prefix / folder}"
                yield text, partial(self._hand.remove_tree, prefix / folder)

    def _user(self) -> Told:
        user = self.kept.marks.get("user")
        if user and self.options.purge:
            where = [] if self.options.here else ["--prefix", str(self.options.root)]
            line = ["userdel", *where, user]
            mend = "end what runs as this user, then run this again"
            yield " ".join(line), partial(self._gone, line, mend, "user")
            if names.group_id(self.options.root, user) is not None:  # some systems' userdel leaves it
                line = ["groupdel", *where, user]
                yield " ".join(line), partial(self._gone, line, mend, "user")

    def _folders(self) -> Told:
        """From the innermost on, where they are empty; records go with everything in them."""
        for name in sorted(self.kept.folders, key=len, reverse=True):
            path, real = Path(name), self.options.real(Path(name))
            holds = self.kept.folders[name]
            if not real.is_dir() or path == self.options.prefix or (holds in HOLDS_ON and not self.options.purge):
                continue
            if holds in HOLDS_ON:
                yield f"rm -r {name}", partial(self._hand.remove_tree, real)
            else:
                yield f"rmdir {name} (where it is empty)", partial(self._hand.remove_folder, real)

    def _notes(self) -> Told:
        """They stay while something does."""
        prefix = self.options.real(self.options.prefix)
        stays = {name for name, holds in self.kept.folders.items() if holds in HOLDS_ON}
        if self.left or (stays and not self.options.purge):
            if stays:
                yield f"stays: {', '.join(sorted(stays))} (--purge takes them away too)", self._stay
            return
        ours = [self.options.prefix]
        for path in self.options.prefix.parents:
            if str(path) not in self.kept.folders or len(list(self.options.real(path).iterdir())) > 1:
                break
            ours.append(path)
        yield f"rm -r {ours[-1]}", partial(self._last, prefix, self.options.real(ours[-1]))

    def _last(self, prefix: Path, top: Path) -> None:
        """The notes go in one move with the folders they name. What others put there stays."""
        others = [path for path in prefix.iterdir() if path.name != NAME]
        if others:
            self._hand.remove(prefix / NAME)
        else:
            self._hand.remove_at_once(top)

    def _stay(self) -> None:
        if not self.left:
            there = {n: holds for n, holds in self.kept.folders.items() if self.options.real(Path(n)).is_dir()}
            self.kept.only_held(there, HOLDS_ON)
            self.kept.save(self._hand)


def _nothing() -> None:
    """Said, not done."""
