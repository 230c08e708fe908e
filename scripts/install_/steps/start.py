"""The daemon: started, or started anew where its program or its units changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from scripts.install_.changes import Change, Command, Note
from scripts.install_.kept import Kept, digest
from scripts.install_.site import Site
from scripts.install_.steps.program import release_name
from scripts.install_.steps.units import fitted, shipped, systemd

SERVICE = "agi-screen.service"


def start(site: Site, kept: Kept) -> Iterator[Change]:
    options = site.options
    if not systemd(options):
        return
    if not options.here:
        yield Note(f"{options.root} is another machine's: it starts agi-screen at its boot")
        return
    wanted = f"{release_name(options)} {digest(b''.join(fitted(unit, options) for unit in shipped()))}"
    if kept.marks.get("started") == wanted and _active():
        return
    mend = "journalctl -u agi-screen says why; calls go on unscreened meanwhile, or roll back as said above"
    yield Command(("systemctl", "restart", SERVICE), mend, after=(("started", wanted),))


def _active() -> bool:
    return subprocess.run(["systemctl", "is-active", "--quiet", SERVICE], check=False).returncode == 0
