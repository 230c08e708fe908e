"""The prompts of each language, among Asterisk's sounds. Recordings of the admin's own are left as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scripts.install_.changes import Change, File, Files, Folder, Note
from scripts.install_.kept import Kept
from scripts.install_.site import SHIPPED, Site


def prompts(site: Site, kept: Kept) -> Iterator[Change]:
    for language in site.options.languages:
        shipped = SHIPPED / "sounds" / language / "agi-screen"
        into = site.sounds / language / "agi-screen"
        wanted, theirs = [], []
        for source in sorted(path for path in shipped.rglob("*") if path.is_file()):
            path = into / source.relative_to(shipped)
            content, there = source.read_bytes(), _content(site.real(path))
            if there == content:
                continue
            if there is None or kept.ours(path, there):
                wanted.append(File(path, site.real(path), content, 0o644, None))
            else:
                theirs.append(path.name)
        if wanted:
            text = f"copy asterisk_conf/sounds/{language}/agi-screen into {into.parent} ({len(wanted)} files)"
            yield Files(text, tuple(wanted), tuple(_folders(site, into)))
        if theirs:
            names = f"{', '.join(theirs[:3])}{' …' if len(theirs) > 3 else ''}"
            yield Note(f"{into}: {names}: not ours as they are, left alone (your own belong beside: docs/doctor.md)")


def _folders(site: Site, into: Path) -> Iterator[Folder]:
    """Those that are missing, from the top on."""
    for path in (*site.missing(into), into, into / "digits"):
        if not site.real(path).is_dir():
            yield Folder(path, site.real(path), 0o755, None)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
