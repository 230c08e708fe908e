"""Every package that an installed agi-screen brings: its own dependencies and theirs, as this environment has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = "agi-screen"


@dataclass(frozen=True, slots=True)
class Part:
    """One package. `needs` are names of others."""

    name: str
    version: str
    licence: str
    summary: str
    needs: tuple[str, ...]


def parts() -> list[Part]:
    """agi-screen first, then the others by name. Raises PackageNotFoundError where one is not installed."""
    found: dict[str, Part] = {}
    waiting: list[str] = [canonicalize_name(ROOT)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _part(distribution(name))
            waiting += found[name].needs
    root = found.pop(canonicalize_name(ROOT))
    return [root, *(found[name] for name in sorted(found))]


def _part(there: Distribution) -> Part:
    name = canonicalize_name(there.metadata["Name"])
    licence = _told(there, "License-Expression") or _classified(there) or _told(there, "License")
    return Part(name, there.version, licence, _told(there, "Summary"), tuple(sorted(_needs(there))))


def _told(there: Distribution, field: str) -> str:
    """The first line of what it says of itself."""
    said = there.metadata.get_all(field) or [""]
    return str(said[0]).strip().partition("\n")[0]


def _classified(there: Distribution) -> str:
    lines = there.metadata.get_all("Classifier") or []
    return next((line.rpartition(" :: ")[2] for line in lines if line.startswith("License :: ")), "")


def _needs(there: Distribution) -> Iterator[str]:
    for line in there.requires or ():
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield canonicalize_name(wanted.name)
