"""systemd's units, all that are shipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.install_.changes import Change, Command, File, Link, Note, folders_to
from scripts.install_.kept import Kept
from scripts.install_.options import Options
from scripts.install_.site import SHIPPED, Site

SYSTEMD = Path("/run/systemd/system")
SUFFIXES = (".service", ".socket", ".timer", ".path")


def systemd(options: Options) -> bool:
    """It runs here, or the tree is another machine's, where it may."""
    return SYSTEMD.is_dir() if options.here else True


def units(site: Site, kept: Kept) -> Iterator[Change]:
    options = site.options
    if not systemd(options):
        command = f"{options.prefix}/bin/agi-screen serve --config {options.settings}/agi-screen.toml"
        yield Note("no systemd runs here: no unit is installed. Let your own supervisor run, as the user")
        yield Note(f"  {options.user}: {command}  (it says `ready`; SIGTERM ends it, SIGHUP reloads it)")
        return
    yield from folders_to(site, options.units, 0o755, None)
    changed = False
    for source in shipped():
        path, content = options.units / source.name, fitted(source, options)
        there = site.real(path).read_bytes() if site.real(path).is_file() else None
        if there is not None and there != content and not kept.ours(path, there):
            yield Note(f"{path} was changed by others: left as it is; `systemctl edit` is made for changes of yours")
        elif there != content:
            changed = True
            yield File(path, site.real(path), content, 0o644, None, like=f"asterisk_conf/systemd/{source.name}")
    mend = "see `systemctl status`, then run this again"
    if changed and options.here:
        yield Command(("systemctl", "daemon-reload"), mend)
    for source in shipped():
        yield from _enabled(site, source, mend)


def shipped() -> list[Path]:
    return sorted(path for path in (SHIPPED / "systemd").iterdir() if path.suffix in SUFFIXES)


def fitted(source: Path, options: Options) -> bytes:
    """With the paths and the user of this machine."""
    text = source.read_text(encoding="utf-8")
    text = text.replace("/opt/agi-screen/", f"{options.prefix}/").replace("/etc/agi-screen/", f"{options.settings}/")
    text = re.sub(r"^(User|Group|SocketUser)=agi-screen$", rf"\1={options.user}", text, flags=re.MULTILINE)
    if options.state != Options.state:
        text = re.sub(r"^StateDirectory=.*$", f"ReadWritePaths={options.state}", text, flags=re.MULTILINE)
        text = re.sub(r"^StateDirectoryMode=.*\n", "", text, flags=re.MULTILINE)
    return text.encode()


def _enabled(site: Site, source: Path, mend: str) -> Iterator[Change]:
    """By systemctl where it rules, by its link in a tree."""
    name, place = source.name, site.options.units
    target = re.search(r"^WantedBy=(\S+)", source.read_text(encoding="utf-8"), re.MULTILINE)
    if target is None or any((folder / name).is_symlink() for folder in site.real(place).glob("*.wants")):
        return
    if site.options.here:
        yield Command(("systemctl", "enable", name), mend, marks=((f"enabled {name}", "yes"),))
        return
    wants = place / f"{target[1]}.wants"
    yield from folders_to(site, wants, 0o755, None)
    yield Link(wants / name, site.real(wants / name), str(place / name))
