"""agi-screen.toml, written once and never again, and the secret of the AMI account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.install_.changes import Change, File, folders_to
from scripts.install_.kept import Kept
from scripts.install_.site import SHIPPED, Site

NAME = "agi-screen.toml"
SOUNDS = Path("/usr/share/asterisk/sounds")
LISTEN = "127.0.0.1:4573"
DATABASE = "/var/lib/agi-screen/agi-screen.db"


def settings(site: Site, kept: Kept) -> Iterator[Change]:
    del kept
    folder = site.options.settings
    yield from folders_to(site, folder, 0o750, site.our_owner, "settings")
    path = folder / NAME
    if site.toml is None:
        yield File(path, site.real(path), fitted(site).encode(), 0o640, site.our_owner, holds="settings")
    secret = site.secret_file
    if not site.setting("ami", "secret", "") and not site.real(secret).exists():
        text = f"{site.secret}\n".encode()
        like = "the AMI account's secret"
        yield File(secret, site.real(secret), text, 0o640, site.our_owner, like, holds="settings")


def fitted(site: Site) -> str:
    """The sample, with what differs on this machine."""
    text = (SHIPPED / NAME).read_text(encoding="utf-8")
    text = text.replace(DATABASE, str(site.options.state / "agi-screen.db"))
    if site.ami_port != 5038:
        text = text.replace("[ami]\n", f"[ami]\nport = {site.ami_port}\n")
    if site.sounds != SOUNDS:
        text = text.replace("[captcha]\n", f'[captcha]\nsounds = "{site.sounds}"\n')
    if site.listen != LISTEN and re.fullmatch(r"[\w.:\[\]-]+", site.listen):
        text = text.replace("[ami]\n", f'[agi]\nlisten = "{site.listen}"\n\n[ami]\n')
    return text
