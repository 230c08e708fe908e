"""Users and groups of the tree that is worked on: its own /etc/passwd where it is not this machine."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path


def user_id(root: Path, name: str) -> int | None:
    if root != Path("/"):
        return _in_file(root / "etc/passwd", name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def group_id(root: Path, name: str) -> int | None:
    if root != Path("/"):
        return _in_file(root / "etc/group", name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _in_file(path: Path, name: str) -> int | None:
    """Both files have the name first, and the number third."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found = [line.split(":") for line in lines if line.startswith(f"{name}:")]
    return int(found[0][2]) if found and len(found[0]) > 2 and found[0][2].isdecimal() else None
