"""The prefix with this installer's notes, and the place where an admin's files are kept as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.install_.changes import Change, Folder
from scripts.install_.errors import InstallError
from scripts.install_.hand import PART, Hand
from scripts.install_.kept import NAME, Kept
from scripts.install_.site import Site


@dataclass(frozen=True)
class Prefix:
    """The missing folders down to the prefix, and the notes that say so, in one move: none of them is ever unknown."""

    missing: tuple[Path, ...]
    real: Path  # of the first

    def shown(self) -> list[str]:
        return [f"mkdir -m 755 {path}" for path in self.missing]

    def do(self, hand: Hand, kept: Kept) -> None:
        kept.folders.update({str(path): "program" for path in self.missing})
        part = self.real.with_name(self.real.name + PART)
        hand.fresh_tree(part, self.real, kept.path.parent.relative_to(self.real), {NAME: kept.taken_down()})


def folders(site: Site, kept: Kept) -> Iterator[Change]:
    del kept
    prefix = site.options.prefix
    real = site.real(prefix)
    if (real / "pyvenv.cfg").exists():
        text = f"{prefix} is a virtual environment that was made by hand"
        raise InstallError(text, f"mv {prefix} {prefix}.by-hand, then run this again (the daemon runs on meanwhile)")
    if real.is_dir() and any(real.iterdir()) and not (real / NAME).exists():
        raise InstallError(f"{prefix} holds something else", "name another folder: --prefix DIR")
    if not real.is_dir():
        missing = (*site.missing(prefix), prefix)
        yield Prefix(missing, site.real(missing[0]))
    for path, mode in ((prefix / "releases", 0o755), (prefix / "backups", 0o700)):
        if not site.real(path).is_dir():
            yield Folder(path, site.real(path), mode, None)
