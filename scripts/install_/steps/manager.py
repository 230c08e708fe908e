"""The daemon's AMI account: the shipped file with our secret, and the line in manager.conf that includes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scripts.install_.changes import Block, Change, File, Note, folders_to
from scripts.install_.kept import Kept
from scripts.install_.site import ACCOUNT, ON, SHIPPED, Site


def manager(site: Site, kept: Kept) -> Iterator[Change]:
    if site.setting("ami", "enabled", default=True) is False:
        yield Note("[ami] enabled = false in agi-screen.toml: no account is made")
        return
    path = site.etc(ACCOUNT)
    there = site.real(path).read_bytes() if site.real(path).is_file() else None
    if there is not None and not kept.ours(path, there) and there != account(site):
        yield Note(f"{path} was written by others: left as it is; the doctor says whether it fits")
    elif there is None and site.asterisk.has_section("manager.conf", site.username):
        yield Note(f"manager.conf has an account [{site.username}] already: left as it is")
        return
    elif there != account(site):
        owner, mode = site.asterisk_owner
        yield from folders_to(site, path.parent, 0o750, owner)
        yield File(path, site.real(path), account(site), mode, owner)
    if lines := tuple(_lines(site, kept)):
        target = included_from(site)
        yield Block(
            target,
            site.real(target),
            lines,
            site.real(site.options.prefix / "backups"),
            site.real(site.etc("extensions.conf")),
        )


def account(site: Site) -> bytes:
    text = (SHIPPED / ACCOUNT).read_text(encoding="utf-8")
    return text.replace("secret = CHANGE_ME", f"secret = {site.secret}").encode()


def included_from(site: Site) -> Path:
    return site.etc("manager_custom.conf" if site.custom_manager else "manager.conf")


def _lines(site: Site, kept: Kept) -> Iterator[str]:
    """What manager.conf lacks. Lines put there by us are asked for again where others are missing."""
    ours = set(kept.blocks.get(str(included_from(site)), ()))
    reached = site.asterisk.reaches("manager.conf", site.asterisk.folder / ACCOUNT)
    enabled = (site.asterisk.value("manager.conf", "general", "enabled") or "no").lower() in ON
    if reached and enabled:
        return
    if not enabled or "enabled = yes" in ours:
        # The last value counts; an interface that nobody used so far is opened to this machine alone.
        again = site.asterisk.has_section("manager.conf", "general") and "[general]" not in ours
        yield "[general](+)" if again else "[general]"
        yield "enabled = yes"
        yield "bindaddr = 127.0.0.1"
    if not reached or f"#include {ACCOUNT}" in ours:
        yield f"#include {ACCOUNT}"
