"""The subroutine, and the lines in the dialplan that include it and say where the daemon is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scripts.install_.changes import Block, Change, File, Note
from scripts.install_.kept import Kept
from scripts.install_.site import DIALPLAN, SHIPPED, Site
from scripts.install_.steps.settings import LISTEN

INCLUDE = f"#include {DIALPLAN}"
GLOBAL = "AGI_SCREEN_DAEMON"


def dialplan(site: Site, kept: Kept) -> Iterator[Change]:
    path, shipped = site.etc(DIALPLAN), (SHIPPED / DIALPLAN).read_bytes()
    there = site.real(path).read_bytes() if site.real(path).is_file() else None
    if there is None or (there != shipped and kept.ours(path, there)):
        yield File(path, site.real(path), shipped, 0o644, site.asterisk_owner[0], like=f"asterisk_conf/{DIALPLAN}")
    elif there != shipped:
        text = f"{path} was changed by others: left as it is. Put what you need into a file of your own, then "
        yield Note(f"{text}cp {SHIPPED / DIALPLAN} {path}")
    for target, lines in _blocks(site, kept):
        real, like = site.real(target), site.real(site.etc("extensions.conf"))
        yield Block(target, real, lines, site.real(site.options.prefix / "backups"), like)


def _blocks(site: Site, kept: Kept) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """File and lines. Included at the end of a file: what follows an include belongs to its last context."""
    target = site.etc("extensions_custom.conf" if site.custom_dialplan else "extensions.conf")
    ours = set(kept.blocks.get(str(target), ()))
    missing = not site.asterisk.reaches("extensions.conf", site.asterisk.folder / DIALPLAN)
    setting = f"{GLOBAL} = {site.listen}"
    told = site.asterisk.value("extensions.conf", "globals", GLOBAL)
    place = site.etc("globals_custom.conf") if site.custom_globals else target
    by_us = any(line.startswith(GLOBAL) for line in kept.blocks.get(str(place), ()))
    unset = (told or LISTEN) != site.listen and (told is None or by_us)
    if site.custom_globals:
        if missing:
            yield target, (INCLUDE,)
        if unset:
            yield place, (setting,)
    elif missing or unset:
        again = site.asterisk.has_section("extensions.conf", "globals") and "[globals]" not in ours
        head = ("[globals](+)" if again else "[globals]", setting)
        wanted = unset or (by_us and site.listen != LISTEN)
        include = (INCLUDE,) if missing or INCLUDE in ours else ()
        yield target, (*(head if wanted else ()), *include)
