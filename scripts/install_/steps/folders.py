"""The prefix, and where an admin's files are kept as they were before their first edit."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.install_.changes import Change, Folder, folders_to
from scripts.install_.errors import InstallError
from scripts.install_.kept import NAME, Kept
from scripts.install_.site import Site


def folders(site: Site, kept: Kept) -> Iterator[Change]:
    prefix = site.options.prefix
    real = site.real(prefix)
    if (real / "pyvenv.cfg").exists():
        text = f"{prefix} is a virtual environment that was made by hand"
        raise InstallError(text, f"mv {prefix} {prefix}.by-hand, then run this again (the daemon runs on meanwhile)")
    if real.is_dir() and any(real.iterdir()) and not (real / NAME).exists():
        raise InstallError(f"{prefix} holds something else", "name another folder: --prefix DIR")
    yield from folders_to(site, prefix.parent, 0o755, None)
    for path, mode in ((prefix, 0o755), (prefix / "releases", 0o755), (prefix / "backups", 0o700)):
        if not site.real(path).is_dir() or str(path) not in kept.folders:
            yield Folder(path, site.real(path), mode, None)
