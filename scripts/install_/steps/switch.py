"""The new environment in the place of the old: one link, changed in one move."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.install_.changes import Change, Command, Link, Note
from scripts.install_.hand import Hand
from scripts.install_.kept import Kept
from scripts.install_.site import Site
from scripts.install_.steps.program import WHOLE, release_name


@dataclass(frozen=True)
class Forget:
    """An environment older than the one before this."""

    inside: Path
    real: Path

    def shown(self) -> list[str]:
        return [f"rm -r {self.inside}"]

    def do(self, hand: Hand, kept: Kept) -> None:
        del kept
        hand.remove_tree(self.real)


def switch(site: Site, kept: Kept) -> Iterator[Change]:
    del kept
    prefix, real = site.options.prefix, site.real(site.options.prefix)
    target = release_name(site.options) if site.options.environment else f"releases/{release_name(site.options)}"
    now = os.readlink(real / "current") if (real / "current").is_symlink() else ""
    if now != target:
        if site.options.here:
            settings = str(site.options.settings / "agi-screen.toml")
            mend = "mend the settings for this version; the version in use was not touched"
            yield Command((str(prefix / target / "bin/agi-screen"), "check", "--config", settings), mend)
        if now:
            text = f"to roll back: ln -sfnT {now} {prefix}/current && systemctl restart agi-screen"
            yield Note(text)
        yield Link(prefix / "current", real / "current", target)
    for name in ("bin", "share"):
        if not (real / name).is_symlink():
            yield Link(prefix / name, real / name, f"current/{name}")
    yield from _forgotten(real / "releases", prefix, {Path(target).name, Path(now).name})


def _forgotten(releases: Path, prefix: Path, used: set[str]) -> Iterator[Change]:
    """All but this and the newest before it; and what was never built to its end."""
    others = [path for path in releases.glob("*") if path.name not in used]
    others.sort(key=lambda path: ((path / WHOLE).exists(), path.stat().st_mtime), reverse=True)
    kept = 1 if len(used) == 1 and others and (others[0] / WHOLE).exists() else 0
    for path in others[kept:]:
        yield Forget(prefix / "releases" / path.name, path)
