"""All that changes the disk goes through here: whole files by rename, each step after the other is on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from scripts.install_.errors import InstallError

Owner = tuple[int, int]  # user and group
PART = ".agi-screen-part"


class Hand:
    """`about` is called before each change; a test is killed there."""

    def about(self, what: str) -> None:
        """Nothing: what is going to be changed was shown before."""

    def sync(self, file: int) -> None:
        os.fsync(file)

    def fresh_tree(self, part: Path, path: Path, inner: Path, files: dict[str, bytes]) -> None:
        """A folder that appears with all in it; `inner`: the one below it that holds the files."""
        self.about(f"folder {path}")
        shutil.rmtree(part, ignore_errors=True)
        place = part
        for name in ("", *inner.parts):
            place /= name
            place.mkdir(mode=0o755)
            place.chmod(0o755)
        for name, content in files.items():
            (place / name).write_bytes(content)
            (place / name).chmod(0o600)
        part.replace(path)

    def folder(self, path: Path, mode: int, owner: Owner | None = None) -> None:
        self.about(f"folder {path}")
        path.mkdir(mode=mode, exist_ok=True)
        path.chmod(mode)
        _give(path, owner)

    def write(self, path: Path, content: bytes, mode: int, owner: Owner | None = None) -> None:
        """All of it or nothing; nobody reads it before mode and owner are right."""
        self.about(f"write {path}")
        part = path.with_name(path.name + PART)
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            _give(part, owner)
            os.fchmod(out.fileno(), mode)
            self.sync(out.fileno())
        part.replace(path)

    def link(self, path: Path, target: str) -> None:
        """In one move: there is no moment without it."""
        self.about(f"link {path}")
        part = path.with_name(path.name + PART)
        part.unlink(missing_ok=True)
        part.symlink_to(target)
        part.replace(path)

    def remove(self, path: Path) -> None:
        self.about(f"remove {path}")
        path.unlink(missing_ok=True)

    def remove_folder(self, path: Path) -> None:
        """Where it is empty."""
        self.about(f"remove {path}")
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()

    def remove_tree(self, path: Path) -> None:
        self.about(f"remove {path}")
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)

    def remove_at_once(self, path: Path) -> None:
        self.about(f"remove {path}")
        part = path.with_name(path.name + PART)
        path.rename(part)
        shutil.rmtree(part)

    def run(self, line: list[str], mend: str, cwd: Path | None = None) -> str:
        """What it printed; InstallError with its last words where it failed."""
        self.about(f"run {line[0]}")
        try:
            done = subprocess.run(line, capture_output=True, text=True, errors="replace", cwd=cwd, check=False)
        except OSError as error:
            raise InstallError(f"{line[0]}: {error.strerror}", mend) from error
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip())[-1500:]
            raise InstallError(f"{' '.join(line)} ended with {done.returncode}:\n{said}", mend)
        return done.stdout


def _give(path: Path, owner: Owner | None) -> None:
    """Only root can; elsewhere (a tree for a package) everything stays its maker's."""
    if owner is not None and os.geteuid() == 0:
        os.chown(path, *owner, follow_symlinks=False)
