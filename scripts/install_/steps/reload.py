"""Asterisk is told to read its files again, once after each change of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

from scripts.install_.changes import Change, Command, Note
from scripts.install_.kept import Kept, digest
from scripts.install_.site import ACCOUNT, DIALPLAN, Site

RELOADS = ("manager reload", "dialplan reload")
MENDS = "look into Asterisk's log (messages), then run this again"


def reload(site: Site, kept: Kept) -> Iterator[Change]:
    now = state(site, kept)
    if kept.marks.get("reloaded") == now:
        return
    if not (site.options.here and running(site)):
        yield Note("Asterisk does not run here, or is not ours to ask: where it runs, let it read its files again:")
        yield Note("  " + "; ".join(f"asterisk -rx '{word}'" for word in RELOADS))
        return
    command = tuple(asterisk(site))
    yield Command((*command, RELOADS[0]), MENDS)
    yield Command((*command, RELOADS[1]), MENDS, after=(("reloaded", now),))


def asterisk(site: Site) -> list[str]:
    return ["asterisk", "-C", str(site.options.asterisk_etc / "asterisk.conf"), "-rx"]


def running(site: Site) -> bool:
    if shutil.which("asterisk") is None:
        return False
    done = subprocess.run([*asterisk(site), "core show uptime"], capture_output=True, check=False)
    return done.returncode == 0


def state(site: Site, kept: Kept) -> str:
    """Of all that was written for Asterisk."""
    files = (str(site.etc(name)) for name in (ACCOUNT, DIALPLAN))
    texts = [f"{name} {kept.files.get(name)}" for name in files]
    texts += [f"{path} {lines}" for path, lines in kept.blocks.items()]
    return digest("\n".join(sorted(texts)).encode())
